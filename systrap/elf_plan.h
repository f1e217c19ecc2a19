/* Plans how an ELF file is mapped. Pure: it reads the file's first bytes. See elf(5). */
#pragma once
#include "core.h"
#include <elf.h>

enum { ELF_HEAD = 4096, MOST_SEGMENTS = 32, INTERPRETER_MAX = 512 };

struct segment {
    u64 start;      /* where its first page is, before the bias is added */
    u64 file_end;   /* where the file's content ends */
    u64 end;        /* where its memory ends */
    u64 offset;     /* of its first page, in the file */
    int protection; /* as mmap(2) takes it */
    int from_file;  /* whether it has content */
};

struct elf_plan {
    int movable; /* ET_DYN: it may be mapped anywhere */
    u64 low, size, alignment;
    u64 entry;
    u64 headers; /* address of the program headers; 0 if no segment has them */
    u64 header_count;
    u64 interpreter_offset, interpreter_size; /* size is 0 without one */
    int segment_count;
    struct segment segments[MOST_SEGMENTS];
};

/* Plan a file whose first bytes are given. Return 0, or -ENOEXEC. */
i64 elf_plan(const u8 *head, i64 size, struct elf_plan *plan);
