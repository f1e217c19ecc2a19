#include "elf_plan.h"
#include "text.h"
#include <sys/mman.h>

/* Addresses of programs end here: the kernel's are above. */
static const u64 ADDRESS_END = 0x7ffffffff000UL;

static u64 page_up(u64 value) { return (value + PAGE - 1) & ~(PAGE - 1); }

static int is_program(const Elf64_Ehdr *header, i64 size) {
    return size >= (i64)sizeof *header && header->e_ident[EI_MAG0] == ELFMAG0 &&
           header->e_ident[EI_MAG1] == 'E' && header->e_ident[EI_MAG2] == 'L' &&
           header->e_ident[EI_MAG3] == 'F' && header->e_ident[EI_CLASS] == ELFCLASS64 &&
           header->e_machine == EM_X86_64 &&
           (header->e_type == ET_EXEC || header->e_type == ET_DYN) &&
           header->e_phentsize == sizeof(Elf64_Phdr) && header->e_phoff < (u64)size &&
           header->e_phoff + header->e_phnum * sizeof(Elf64_Phdr) <= (u64)size;
}

static int protection(u32 flags) {
    return ((flags & PF_R) ? PROT_READ : 0) | ((flags & PF_W) ? PROT_WRITE : 0) |
           ((flags & PF_X) ? PROT_EXEC : 0);
}

static i64 add_segment(struct elf_plan *plan, const Elf64_Phdr *from) {
    if (!from->p_memsz)
        return 0;
    if (plan->segment_count == MOST_SEGMENTS || from->p_filesz > from->p_memsz ||
        from->p_vaddr >= ADDRESS_END || from->p_memsz >= ADDRESS_END - from->p_vaddr)
        return -ENOEXEC;
    u64 start = from->p_vaddr & ~(PAGE - 1);
    u64 shift = from->p_vaddr - start;
    if (from->p_filesz && (from->p_offset & (PAGE - 1)) != shift)
        return -ENOEXEC;
    plan->segments[plan->segment_count++] = (struct segment){
        .start = start,
        .file_end = from->p_vaddr + from->p_filesz,
        .end = from->p_vaddr + from->p_memsz,
        .offset = from->p_offset - shift,
        .protection = protection(from->p_flags),
        .from_file = from->p_filesz != 0,
    };
    return 0;
}

i64 elf_plan(const u8 *head, i64 size, struct elf_plan *plan) {
    Elf64_Ehdr header;
    if (size < (i64)sizeof header)
        return -ENOEXEC;
    memcpy(&header, head, sizeof header);
    if (!is_program(&header, size))
        return -ENOEXEC;
    *plan = (struct elf_plan){.movable = header.e_type == ET_DYN,
                              .entry = header.e_entry,
                              .header_count = header.e_phnum,
                              .alignment = PAGE,
                              .low = ~0UL};
    u64 high = 0;
    for (int at = 0; at < header.e_phnum; at++) {
        Elf64_Phdr program;
        memcpy(&program, head + header.e_phoff + (u64)at * sizeof program, sizeof program);
        if (program.p_type == PT_PHDR)
            plan->headers = program.p_vaddr;
        if (program.p_type == PT_INTERP) {
            if (!program.p_filesz || program.p_filesz >= INTERPRETER_MAX)
                return -ENOEXEC;
            plan->interpreter_offset = program.p_offset;
            plan->interpreter_size = program.p_filesz;
        }
        if (program.p_type != PT_LOAD)
            continue;
        if (add_segment(plan, &program) < 0)
            return -ENOEXEC;
        if (!plan->headers && program.p_offset == 0)
            plan->headers = program.p_vaddr + header.e_phoff;
        if (program.p_align > plan->alignment && !(program.p_align & (program.p_align - 1)))
            plan->alignment = program.p_align;
    }
    for (int at = 0; at < plan->segment_count; at++) {
        const struct segment *segment = &plan->segments[at];
        if (at && segment->start < plan->segments[at - 1].start)
            return -ENOEXEC;
        plan->low = segment->start < plan->low ? segment->start : plan->low;
        high = segment->end > high ? segment->end : high;
    }
    if (!plan->segment_count || plan->alignment > ADDRESS_END)
        return -ENOEXEC;
    plan->size = page_up(high) - plan->low;
    return 0;
}
