#include "exec.h"
#include "config.h"
#include "elf_plan.h"
#include "identity.h"
#include "load.h"
#include "memory.h"
#include "paths.h"
#include "resolve.h"
#include "script.h"
#include "signals.h"
#include "text.h"

enum { MOST_SCRIPTS = 4, SLOTS = 8, SLOT_SPACE = 32768, NAME_SIZE = 16 };

/* Buffers of one execve. A child of vfork(2) cannot release them if it succeeds, as its memory is
   its parent's: the kernel does, by set_tid_address(2). */
static struct slot {
    u32 taken;
    char heads[MOST_SCRIPTS + 1][SCRIPT_HEAD + 1];
    const char *before[2 * MOST_SCRIPTS + 2]; /* arguments that scripts put first */
    u8 elf[ELF_HEAD];
    struct elf_plan plan;
    char interpreter[INTERPRETER_MAX];
    char path[PATH_MAX + 1];
    char space[SLOT_SPACE] __attribute__((aligned(16)));
} slots[SLOTS];
i64 exec_process;

/* Take a slot, or memory for one where all are taken. */
static struct slot *take_slot(void) {
    for (u64 at = 0; at < LENGTH(slots); at++)
        if (!__atomic_exchange_n(&slots[at].taken, 1, __ATOMIC_ACQUIRE))
            return &slots[at];
    return memory_get(sizeof(struct slot));
}

static void release_slot(struct slot *slot) {
    if (slot >= slots && slot < slots + LENGTH(slots))
        __atomic_store_n(&slot->taken, 0, __ATOMIC_RELEASE);
    else
        memory_free(slot, sizeof *slot);
}

static i64 open_program(int folder, const char *path, int flags) {
    char link[FD_PATH];
    if (!*path && (flags & AT_EMPTY_PATH))
        return SYS(__NR_open, text_fd_path(link, folder), O_RDONLY, 0);
    u64 how = flags & AT_SYMLINK_NOFOLLOW ? O_RDONLY | O_NOFOLLOW : O_RDONLY;
    i64 fd = resolve_open(folder, path, how, 0);
    return fd == -EACCES ? identity_open(folder, path, how, 0) : fd;
}

static i64 check_executable(int fd) {
    struct stat status;
    i64 result = SYS(__NR_newfstatat, fd, "", &status, AT_EMPTY_PATH);
    if (result == 0 && !S_ISREG(status.st_mode))
        return -EACCES;
    return result < 0 ? result : SYS(__NR_faccessat2, fd, "", 1, AT_EMPTY_PATH | AT_EACCESS);
}

/* Check a program and its interpreter while errors can still be returned. */
static i64 check_elf(struct slot *slot, int fd) {
    i64 size = SYS(__NR_pread64, fd, slot->elf, ELF_HEAD, 0);
    i64 result = size < 0 ? size : elf_plan(slot->elf, size, &slot->plan);
    if (result < 0 || !slot->plan.interpreter_size)
        return result;
    result = load_interpreter_path(fd, &slot->plan, slot->interpreter);
    if (result < 0)
        return result;
    i64 interpreter = resolve_look(AT_FDCWD, slot->interpreter, 0);
    return interpreter < 0 ? interpreter : close_with(interpreter, 0);
}

/* Put a script's interpreter before the arguments. Return their number. */
static int prepend(struct slot *slot, int count, const char *script, const char *interpreter,
                   const char *argument) {
    int added = argument ? 3 : 2;
    if (count) /* the script replaces the first argument of what came before */
        count--;
    memmove(slot->before + added, slot->before + 1, (size_t)count * sizeof *slot->before);
    slot->before[0] = interpreter;
    if (argument)
        slot->before[1] = argument;
    slot->before[added - 1] = script;
    return count + added;
}

/* Open a program, through the interpreters of scripts. Return its descriptor, or an error. */
static i64 open_through_scripts(struct slot *slot, int folder, const char *path, int flags,
                                int *count) {
    for (int depth = 0; depth <= MOST_SCRIPTS; depth++) {
        i64 fd = open_program(folder, path, flags);
        if (fd < 0)
            return fd;
        char *head = slot->heads[depth];
        const char *interpreter, *argument;
        i64 result = check_executable((int)fd);
        if (result == 0)
            result = SYS(__NR_pread64, fd, head, SCRIPT_HEAD, 0);
        if (result >= 0)
            result = script_parse(head, result, &interpreter, &argument);
        if (result == 0)
            result = check_elf(slot, (int)fd);
        else if (result > 0) {
            SYS(__NR_close, fd);
            *count = prepend(slot, *count, path, interpreter, argument);
            path = interpreter;
            folder = AT_FDCWD;
            flags = 0;
            continue;
        }
        return result < 0 ? close_with(fd, result) : fd;
    }
    return -ELOOP;
}

static u64 count_pointers(char *const *list) {
    u64 count = 0;
    while (list && list[count])
        count++;
    return count;
}

static const char *last_name(const char *path) {
    const char *name = path;
    for (; *path; path++)
        if (path[0] == '/' && path[1])
            name = path + 1;
    return name;
}

/* Write the variable that tells the next program what to map: see load_program. */
static char *write_variable(struct slot *slot, char *to, i64 fd, const char *path) {
    char link[FD_PATH];
    i64 length = SYS(__NR_readlink, text_fd_path(link, fd), slot->path, PATH_MAX - 1);
    slot->path[length < 0 ? 0 : path_to_guest(&config, slot->path, length)] = 0;
    to = text_put(text_put_number(text_put(to, LOAD_VARIABLE), (u64)fd), "\1");
    to = text_put(text_put(to, slot->path), "\1");
    const char *name = last_name(path);
    for (int at = 0; at < NAME_SIZE - 1 && name[at]; at++)
        *to++ = name[at];
    return config_write(text_put(to, "\1"), &config);
}

static i64 execute(struct slot *slot, int folder, const char *path, char *const *arguments,
                   char *const *environment, int flags) {
    int before = 0;
    i64 fd = open_through_scripts(slot, folder, path, flags, &before);
    if (fd < 0)
        return fd;
    u64 argument_count = count_pointers(arguments), variable_count = count_pointers(environment);
    u64 pointers = argument_count + variable_count + LENGTH(slot->before) + 4;
    u64 need = pointers * sizeof(char *) + CONFIG_SIZE + PATH_MAX + 64;
    char *space = slot->space;
    if (need > SLOT_SPACE && !(space = memory_get(need)))
        return close_with(fd, -ENOMEM);

    const char **list = (const char **)space;
    const char **program_arguments = list;
    for (int at = 0; at < before; at++)
        *list++ = slot->before[at];
    for (u64 at = before ? 1 : 0; at < argument_count; at++)
        *list++ = arguments[at];
    *list++ = NULL;
    const char **variables = list;
    for (u64 at = 0; at < variable_count; at++)
        *list++ = environment[at];
    char *variable = (char *)(list + 2);
    *list++ = variable; /* the last one: programs overwrite their arguments and the first ones */
    *list++ = NULL;
    write_variable(slot, variable, fd, path);

    signal_before_exec();
    i64 result = SYS(__NR_execve, config.self, program_arguments, variables);
    if (space != slot->space)
        memory_free(space, need);
    return close_with(fd, result);
}

i64 exec_path(int folder, const char *path, char *const *arguments, char *const *environment,
              int flags) {
    struct slot *slot = take_slot();
    if (!slot)
        return -ENOMEM;
    int is_child = exec_process && exec_process != SYS(__NR_getpid);
    if (is_child)
        SYS(__NR_set_tid_address, &slot->taken);
    i64 result = execute(slot, folder, path, arguments, environment, flags);
    if (is_child)
        SYS(__NR_set_tid_address, NULL);
    release_slot(slot);
    return result;
}

i64 exec_execve(const struct call *call) {
    return exec_path(AT_FDCWD, (const char *)call->arg[0], (char *const *)call->arg[1],
                     (char *const *)call->arg[2], 0);
}

i64 exec_execveat(const struct call *call) {
    return exec_path((int)call->arg[0], (const char *)call->arg[1], (char *const *)call->arg[2],
                     (char *const *)call->arg[3], (int)call->arg[4]);
}
