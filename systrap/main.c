/* systrap: shows a program another root, without privileges and without another process.
 *
 *     systrap OPTIONS PROGRAM NAME ARGUMENTS...
 *
 *     --root FOLDER            the root; required
 *     --read-only              nothing may be written but to binds
 *     --bind SOURCE TARGET     show a file or folder of the host at a path
 *     --bind-ro SOURCE TARGET  likewise, read-only
 *     --host PATH              show a folder of the kernel (/proc, /sys, /dev) where it is
 *     --list PATH, --read PATH, --write PATH
 *                              what the border allows below a folder of --host
 *     --files FD               nothing in the root may be written but what the socket's other end
 *                              opens (`broker.h`), and what is in folders of --own
 *     --own FD                 a folder of the root whose files are the container's alone
 *     --ids UID:GID            who the program believes to be; by default 0:0
 *     --hostname NAME          what uname(2) says
 *     --signals SOCKET         asks there to send signals that the border forbids
 *     --processes-of PID       /proc lists this process's descendants alone; of two, if given twice
 *     --loopback NUMBER REACH  the container's part of the loopback, see addresses.h; it connects
 *                              to `itself`, to other `containers`, or to `all`
 *     --descriptors SOFT HARD  limits of descriptors, see setrlimit(2)
 *     --folder PATH            the working folder; by default /
 *     --no-patch               do not rewrite call sites
 *
 * A seccomp filter traps (SIGSYS) each call with a path, unless it is made from this program's
 * text, which is mapped at one fixed address in every process: execve(2) becomes an execve of this
 * program, which maps the wanted one as the kernel would and jumps into it. The handler of SIGSYS
 * resolves paths below the root. `rules.c` says what happens to each call. gVisor's platform of
 * the same name works alike.
 *
 * All that is no border: Landlock is (`border.c`).
 */
#include "border.h"
#include "config.h"
#include "exec.h"
#include "filter.h"
#include "load.h"
#include "resolve.h"
#include "text.h"
#include <sys/resource.h>
#include <sys/un.h>

extern char __executable_start[], etext[]; /* of the linker */

static struct {
    i64 ruleset; /* of the border; negative without one */
    int files;   /* the socket of --files; 0 without one */
    const char *folder;
    struct {
        u64 soft, hard;
    } descriptors; /* {0, 0} for the present limits */
} options = {.folder = "/"};

static i64 must(const char *what, i64 result) {
    if (result < 0)
        load_fail(what, result);
    return result;
}

/* Open a path of the host, and allow it within the border. */
static i64 open_allowed(const char *path, enum border_access access) {
    i64 fd = must(path, SYS(__NR_open, path, O_PATH | O_CLOEXEC, 0));
    if (options.ruleset >= 0)
        must(path, border_allow(options.ruleset, fd, access));
    return fd;
}

static void allow_own(const char *fd) {
    i64 number = (i64)text_number(&fd);
    if (options.ruleset >= 0)
        must("cannot allow a folder", border_allow(options.ruleset, number, WRITE));
    SYS(__NR_close, number);
}

static void allow(const char *path, enum border_access access) {
    SYS(__NR_close, open_allowed(path, access));
}

/* Keep a descriptor at a number of ours, over execve(2). */
static void keep_at(i64 fd, int number) {
    must("cannot keep a descriptor", SYS(__NR_dup2, fd, number));
    SYS(__NR_close, fd);
}

static const char *host_path(i64 fd, char *path) {
    char link[FD_PATH];
    i64 length =
        must("cannot read a path", SYS(__NR_readlink, text_fd_path(link, fd), path, PATH_MAX - 1));
    path[length] = 0;
    return path;
}

static void set_ids(const char *text) {
    u32 uid = (u32)text_number(&text);
    u32 gid = *text == ':' ? (text++, (u32)text_number(&text)) : 0;
    for (int at = 0; at < 3; at++) {
        config.user_ids[at] = uid;
        config.group_ids[at] = gid;
    }
}

static void set_loopback(const char *number, const char *reach) {
    config.number = (u16)text_number(&number);
    config.reach = text_equal(reach, "all")          ? REACH_ALL
                   : text_equal(reach, "containers") ? REACH_CONTAINERS
                                                     : REACH_ITSELF;
}

/* Of a container or of an exec in it. */
static void add_shim(const char *pid) {
    if (config.shim_count == MOST_SHIMS)
        load_fail("too many shims", -E2BIG);
    config.shims[config.shim_count++] = (u32)text_number(&pid);
}

static void set_signals(const char *path) {
    if (text_length(path) >= (i64)sizeof ((struct sockaddr_un *)0)->sun_path)
        load_fail(path, -ENAMETOOLONG);
    config.signals = path;
}

static void set_descriptors(const char *soft, const char *hard) {
    options.descriptors.soft = text_number(&soft);
    options.descriptors.hard = text_number(&hard);
}

static void add_bind(const char *source, const char *target, enum bind_kind kind) {
    if (config_add_bind(&config, source, target, kind) < 0)
        load_fail("too many binds", -E2BIG);
}

/* Read one option. Return how many arguments it takes, itself included; 0 if it is none. */
static int read_option(char *const *argument, int left) {
    const char *name = argument[0];
    if (text_equal(name, "--read-only"))
        return config.read_only = 1;
    if (text_equal(name, "--no-patch"))
        return config.patch = 0, 1;
    if (left < 2)
        return 0;
    if (text_equal(name, "--root"))
        config.root = argument[1];
    else if (text_equal(name, "--host"))
        add_bind(argument[1], argument[1], HOST);
    else if (text_equal(name, "--list"))
        allow(argument[1], LIST);
    else if (text_equal(name, "--read"))
        allow(argument[1], READ);
    else if (text_equal(name, "--write"))
        allow(argument[1], WRITE);
    else if (text_equal(name, "--files"))
        options.files = (int)text_number((const char **)&argument[1]);
    else if (text_equal(name, "--own"))
        allow_own(argument[1]);
    else if (text_equal(name, "--ids"))
        set_ids(argument[1]);
    else if (text_equal(name, "--processes-of"))
        add_shim(argument[1]);
    else if (text_equal(name, "--hostname"))
        config.hostname = argument[1];
    else if (text_equal(name, "--signals"))
        set_signals(argument[1]);
    else if (text_equal(name, "--folder"))
        options.folder = argument[1];
    else if (left < 3)
        return 0;
    else if (text_equal(name, "--bind"))
        return add_bind(argument[1], argument[2], WRITABLE), 3;
    else if (text_equal(name, "--bind-ro"))
        return add_bind(argument[1], argument[2], READ_ONLY), 3;
    else if (text_equal(name, "--descriptors"))
        return set_descriptors(argument[1], argument[2]), 3;
    else if (text_equal(name, "--loopback"))
        return set_loopback(argument[1], argument[2]), 3;
    else
        return 0;
    return 2;
}

static void open_root(void) {
    static char path[PATH_MAX], self[PATH_MAX];
    i64 root = open_allowed(config.root, config.read_only ? READ : options.files ? ARRANGE : WRITE);
    config.root = host_path(root, path);
    config.root_length = text_length(path);
    keep_at(root, ROOT_FD);
    i64 length = must("cannot read /proc/self/exe",
                      SYS(__NR_readlink, "/proc/self/exe", self, PATH_MAX - 1));
    self[length] = 0;
    config.self = self;
    allow(self, READ);
}

/* Binds keep the paths that the kernel has for them, as those are what it tells later. */
static void open_binds(void) {
    static char paths[MOST_BINDS][PATH_MAX];
    config_index(&config);
    for (int at = 0; at < config.bind_count; at++) {
        struct bind *bind = &config.binds[at];
        if (bind->kind == HOST)
            continue;
        i64 fd = open_allowed(bind->source, bind->kind == READ_ONLY ? READ : WRITE);
        bind->source = host_path(fd, paths[at]);
        bind->source_length = text_length(bind->source);
        keep_at(fd, bind->fd);
    }
}

static _Noreturn void launch(int count, char **arguments, char **environment) {
    static struct filter filter;
    int at = 1;
    config.patch = 1;
    config.hostname = config.signals = "";
    config.real_uid = (u32)SYS(__NR_getuid);
    config.real_gid = (u32)SYS(__NR_getgid);
    options.ruleset = border_begin();
    for (int size; at < count && (size = read_option(arguments + at, count - at)); at += size)
        ;
    if (!config.root || at + 1 >= count)
        load_fail("usage: systrap --root FOLDER OPTIONS PROGRAM NAME ARGUMENTS", -EINVAL);
    open_root();
    open_binds();
    if (options.files) {
        config.files_fd = ROOT_FD + 1 + config.bind_count;
        keep_at(options.files, config.files_fd);
    }
    if (options.descriptors.hard) /* an ordinary user cannot raise limits: they stay */
        SYS(__NR_prlimit64, 0, RLIMIT_NOFILE, &options.descriptors, NULL);
    if (options.ruleset >= 0)
        must("cannot confine the program", border_close(options.ruleset));
    filter_build(&filter, (u64)__executable_start, (u64)etext, (u32)config_last_fd());
    must("cannot install the filter", filter_install(&filter));
    i64 folder =
        must(options.folder, resolve_open(AT_FDCWD, options.folder, LOOK | O_DIRECTORY, 0));
    must(options.folder, close_with(folder, SYS(__NR_fchdir, folder)));
    i64 error = exec_path(AT_FDCWD, arguments[at], arguments + at + 1, environment, 0);
    SYS(__NR_write, 2, "exec ", 5); /* as runc says it */
    load_fail(arguments[at], error);
}

__asm__(".text\n.globl _start\n_start:\n"
        "  xor %ebp, %ebp\n"
        "  mov %rsp, %rdi\n"
        "  and $-16, %rsp\n"
        "  call begin\n");

/* Where the kernel enters: with a program to load, or to launch the first one. */
__attribute__((used)) _Noreturn void begin(u64 *stack) {
    int count = (int)stack[0];
    char **arguments = (char **)(stack + 1);
    char **environment = arguments + count + 1;
    char **last = environment;
    while (*last)
        last++;
    if (last > environment && text_starts(last[-1], LOAD_VARIABLE))
        load_program(stack, last - 1);
    launch(count, arguments, environment);
}
