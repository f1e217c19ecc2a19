#include "load.h"
#include "config.h"
#include "exec.h"
#include "identity.h"
#include "memory.h"
#include "resolve.h"
#include "serve.h"
#include "text.h"
#include <sys/prctl.h>

enum { NAME_SIZE = 16, FAILED = 255 /* as runc exits */ };

struct image {
    u64 bias; /* what is added to the file's addresses */
    u64 entry, headers, header_count;
};

static void print(const char *text) { SYS(__NR_write, 2, text, text_length(text)); }

static const char *reason(i64 error) {
    switch (error) {
    case -ENOENT: return "no such file or directory";
    case -EACCES: return "permission denied";
    case -ENOEXEC: return "exec format error";
    case -ENOTDIR: return "not a directory";
    case -ENOSYS: return "function not implemented";
    default: return NULL;
    }
}

_Noreturn void load_fail(const char *what, i64 error) {
    char number[24];
    print(what);
    print(": ");
    text_put_number(text_put(number, "error "), (u64)-error);
    print(reason(error) ? reason(error) : number);
    print("\n");
    for (;;)
        SYS(__NR_exit_group, FAILED);
}

i64 load_interpreter_path(int fd, const struct elf_plan *plan, char *path) {
    i64 size = SYS(__NR_pread64, fd, path, plan->interpreter_size, plan->interpreter_offset);
    path[size < 0 ? 0 : size] = 0;
    return size <= 0 ? -ENOEXEC : 0;
}

static i64 map(u64 start, u64 size, int protection, int flags, int fd, u64 offset) {
    i64 result = SYS(__NR_mmap, start, size, protection, MAP_PRIVATE | flags, fd, offset);
    if (is_error(result))
        load_fail("cannot map the program", result);
    return result;
}

static u64 page_up(u64 value) { return (value + PAGE - 1) & ~(PAGE - 1); }

/* Reserve memory for a program that may be anywhere; return what is added to its addresses. */
static u64 reserve(const struct elf_plan *plan) {
    u64 extra = plan->alignment > PAGE ? plan->alignment : 0;
    u64 size = plan->size + extra;
    u64 start = (u64)map(0, size, PROT_NONE, MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    u64 aligned = extra ? (start + extra - 1) & ~(extra - 1) : start;
    if (aligned > start)
        memory_free((void *)start, aligned - start);
    if (start + size > aligned + plan->size)
        memory_free((void *)(aligned + plan->size), start + size - aligned - plan->size);
    return aligned - plan->low;
}

static void map_segment(const struct segment *segment, u64 bias, int fd) {
    u64 start = segment->start + bias, file_end = segment->file_end + bias;
    u64 zeroes = start;
    if (segment->from_file) {
        map(start, page_up(file_end) - start, segment->protection, MAP_FIXED, fd, segment->offset);
        zeroes = page_up(file_end);
        if (segment->end > segment->file_end && segment->protection & PROT_WRITE)
            memset((void *)file_end, 0, zeroes - file_end);
    }
    u64 end = page_up(segment->end + bias);
    if (end > zeroes)
        map(zeroes, end - zeroes, segment->protection, MAP_FIXED | MAP_ANONYMOUS, -1, 0);
}

/* Map a file; the path of its interpreter is written if it is asked for. */
static void map_file(int fd, struct image *image, char *interpreter) {
    u8 head[ELF_HEAD];
    struct elf_plan plan;
    i64 size = SYS(__NR_pread64, fd, head, sizeof head, 0);
    i64 result = size < 0 ? size : elf_plan(head, size, &plan);
    if (result == 0 && interpreter && plan.interpreter_size)
        result = load_interpreter_path(fd, &plan, interpreter);
    if (result < 0)
        load_fail("cannot map the program", result);
    image->bias = plan.movable ? reserve(&plan) : 0;
    for (int at = 0; at < plan.segment_count; at++)
        map_segment(&plan.segments[at], image->bias, fd);
    image->entry = plan.entry + image->bias;
    image->headers = plan.headers ? plan.headers + image->bias : 0;
    image->header_count = plan.header_count;
}

/* What the kernel tells a program of itself, see getauxval(3). */
static void set_auxiliary(u64 *vector, const struct image *program, u64 interpreter_bias) {
    for (; vector[0] != AT_NULL; vector += 2)
        switch (vector[0]) {
        case AT_PHDR: vector[1] = program->headers; break;
        case AT_PHNUM: vector[1] = program->header_count; break;
        case AT_ENTRY: vector[1] = program->entry; break;
        case AT_BASE: vector[1] = interpreter_bias; break;
        case AT_EXECFN: vector[1] = (u64)resolve_exe; break;
        case AT_UID: vector[1] = config.user_ids[REAL]; break;
        case AT_EUID: vector[1] = config.user_ids[EFFECTIVE]; break;
        case AT_GID: vector[1] = config.group_ids[REAL]; break;
        case AT_EGID: vector[1] = config.group_ids[EFFECTIVE]; break;
        }
}

/* Take the variable away: what follows it moves up. Return the auxiliary vector. */
static u64 *remove_variable(char **variable) {
    u64 *auxiliary = (u64 *)(variable + 2);
    u64 *end = auxiliary;
    while (end[0] != AT_NULL)
        end += 2;
    memmove(variable, variable + 1, (size_t)((char *)(end + 2) - (char *)(variable + 1)));
    return auxiliary - 1;
}

_Noreturn void load_program(u64 *stack, char **variable) {
    static char text[CONFIG_SIZE];
    char interpreter[INTERPRETER_MAX] = "", name[NAME_SIZE] = "";
    struct image program, loader;
    char *rest = *variable + sizeof LOAD_VARIABLE - 1;
    const char *digits = text_field(&rest, 1);
    int fd = (int)text_number(&digits);
    text_put(resolve_exe, text_field(&rest, 1));
    text_put(name, text_field(&rest, 1));
    text_put(text, rest);
    config_read(&config, text);
    u64 *auxiliary = remove_variable(variable);

    identity_of_program(fd);
    map_file(fd, &program, interpreter);
    SYS(__NR_close, fd);
    u64 entry = program.entry, bias = 0;
    if (interpreter[0]) {
        i64 loader_fd = resolve_open(AT_FDCWD, interpreter, O_RDONLY | O_CLOEXEC, 0);
        if (loader_fd < 0)
            load_fail(interpreter, loader_fd);
        map_file((int)loader_fd, &loader, NULL);
        SYS(__NR_close, loader_fd);
        entry = loader.entry;
        bias = loader.bias;
    }
    set_auxiliary(auxiliary, &program, bias);
    exec_process = SYS(__NR_getpid);
    serve_signals();
    SYS(__NR_prctl, PR_SET_NAME, name);
    __asm__ volatile("mov %0, %%rsp\n"
                     "xor %%edx, %%edx\n" /* no function to call at exit */
                     "xor %%ebp, %%ebp\n"
                     "jmp *%1"
                     :
                     : "r"(stack), "r"(entry)
                     : "memory", "rdx");
    __builtin_unreachable();
}
