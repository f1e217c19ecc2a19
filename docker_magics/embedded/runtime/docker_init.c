/* The init process of `docker run --init`: runs a program, forwards signals to it, reaps orphans.
 *
 * `make init` builds it for each machine, without a C library. It takes the place of the
 * engine's process in the container, so that nothing of the engine remains there: neither its
 * memory, nor its environment, nor its capabilities.
 *
 * source: krallin/tini, whose messages and exit codes clients know; execvp(3); signal(7).
 */

typedef unsigned long word;

enum { ENOENT = 2, E2BIG = 7, ENOEXEC = 8, EACCES = 13, ENOTDIR = 20, ENAMETOOLONG = 36, ELOOP = 40 };
enum { SIGILL = 4, SIGTRAP = 5, SIGABRT = 6, SIGBUS = 7, SIGFPE = 8, SIGSEGV = 11, SIGCHLD = 17 };
enum { SIGTTIN = 21, SIGTTOU = 22, SIGSYS = 31 };
enum { SIG_SETMASK = 2, SIGSET_BYTES = 8, WNOHANG = 1, TIOCSPGRP = 0x5410, PR_SET_NAME = 15 };
enum { STDIN = 0, STDERR = 2, PATH_MAX = 4096 };

#if defined(__x86_64__)
enum { WRITE = 1, RT_SIGPROCMASK = 14, IOCTL = 16, GETPID = 39, CLONE = 56, EXECVE = 59,
       WAIT4 = 61, KILL = 62, SETPGID = 109, RT_SIGTIMEDWAIT = 128, PRCTL = 157, EXIT_GROUP = 231 };
__asm__(".globl _start\n_start: mov %rsp, %rdi\n and $-16, %rsp\n call run\n");

static long call(long number, word a, word b, word c, word d) {
    long result;
    register word fourth __asm__("r10") = d;
    register word fifth __asm__("r8") = 0;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(number), "D"(a), "S"(b), "d"(c), "r"(fourth), "r"(fifth)
                     : "rcx", "r11", "memory");
    return result;
}
#elif defined(__aarch64__)
enum { WRITE = 64, RT_SIGPROCMASK = 135, IOCTL = 29, GETPID = 172, CLONE = 220, EXECVE = 221,
       WAIT4 = 260, KILL = 129, SETPGID = 154, RT_SIGTIMEDWAIT = 137, PRCTL = 167, EXIT_GROUP = 94 };
__asm__(".globl _start\n_start: mov x0, sp\n bl run\n");

static long call(long number, word a, word b, word c, word d) {
    register word x0 __asm__("x0") = a;
    register word x1 __asm__("x1") = b;
    register word x2 __asm__("x2") = c;
    register word x3 __asm__("x3") = d;
    register word x4 __asm__("x4") = 0;
    register long x8 __asm__("x8") = number;
    __asm__ volatile("svc 0" : "+r"(x0) : "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x8) : "memory");
    return (long)x0;
}
#endif

static _Noreturn void leave(int code) {
    for (;;)
        call(EXIT_GROUP, code, 0, 0, 0);
}

static word length(const char *text) {
    word count = 0;
    while (text[count])
        count++;
    return count;
}

static void print(const char *text) { call(WRITE, STDERR, (word)text, length(text), 0); }

static void print_number(long number) {
    char digits[24];
    char *first = digits + sizeof digits - 1;
    *first = 0;
    do {
        *--first = (char)('0' + number % 10);
    } while (number /= 10);
    print(first);
}

static const char *reason(int error) {
    switch (error) {
    case ENOENT: return "No such file or directory";
    case E2BIG: return "Argument list too long";
    case ENOEXEC: return "Exec format error";
    case EACCES: return "Permission denied";
    case ENOTDIR: return "Not a directory";
    case ENAMETOOLONG: return "File name too long";
    case ELOOP: return "Too many levels of symbolic links";
    default: return "Unknown error";
    }
}

/* Execute a path; a file without a format is a script of the shell. Return the error. */
static int execute(const char *path, int argc, char **argv, char **envp) {
    int error = (int)-call(EXECVE, (word)path, (word)argv, (word)envp, 0);
    if (error != ENOEXEC)
        return error;
    const char *shell[argc + 2];
    shell[0] = "/bin/sh";
    shell[1] = path;
    for (int at = 1; at <= argc; at++) /* the last one is the null at the end */
        shell[at + 1] = argv[at];
    return (int)-call(EXECVE, (word)shell[0], (word)shell, (word)envp, 0);
}

static const char *search_path(char **envp) {
    for (; *envp; envp++)
        if ((*envp)[0] == 'P' && (*envp)[1] == 'A' && (*envp)[2] == 'T' && (*envp)[3] == 'H' &&
            (*envp)[4] == '=')
            return *envp + 5;
    return "/bin:/usr/bin";
}

/* Look a program up in PATH and execute it, as execvp(3). Return the error. */
static int look_up(int argc, char **argv, char **envp) {
    static char path[PATH_MAX];
    const char *name = argv[0];
    int last = ENOENT;
    for (const char *at = name; *at; at++)
        if (*at == '/')
            return execute(name, argc, argv, envp);
    for (const char *folder = search_path(envp); *name;) {
        word size = 0;
        while (folder[size] && folder[size] != ':')
            size++;
        if (size + length(name) + 2 <= sizeof path) {
            char *end = path;
            for (word at = 0; at < size; at++)
                *end++ = folder[at];
            if (size)
                *end++ = '/';
            for (word at = 0; at <= length(name); at++)
                *end++ = name[at];
            int error = execute(path, argc, argv, envp);
            if (error == EACCES)
                last = EACCES;
            else if (error != ENOENT && error != ENOTDIR)
                return error;
        }
        if (!folder[size])
            break;
        folder += size + 1;
    }
    return last;
}

/* In the child: become a process group, that of the terminal, and execute the program. */
static _Noreturn void become(int argc, char **argv, char **envp) {
    word none = 0;
    int group = (int)call(GETPID, 0, 0, 0, 0);
    call(SETPGID, 0, 0, 0, 0);
    call(IOCTL, STDIN, TIOCSPGRP, (word)&group, 0); /* SIGTTOU is still blocked */
    call(RT_SIGPROCMASK, SIG_SETMASK, (word)&none, 0, SIGSET_BYTES);
    int error = look_up(argc, argv, envp);
    print("[FATAL tini (");
    print_number(group);
    print(")] exec ");
    print(argv[0]);
    print(" failed: ");
    print(reason(error));
    print("\n");
    leave(error == ENOENT ? 127 : error == EACCES ? 126 : 1);
}

/* Reap all that has ended; leave with the program's exit code if it is among them. */
static void reap(long program) {
    int status, code = -1;
    for (;;) {
        long pid = call(WAIT4, -1, (word)&status, WNOHANG, 0);
        if (pid <= 0)
            break;
        if (pid == program)
            code = status & 0x7f ? 128 + (status & 0x7f) : status >> 8 & 0xff;
    }
    if (code >= 0)
        leave(code);
}

static word bit(int number) { return 1UL << (number - 1); }

__attribute__((used)) static _Noreturn void run(long *stack) {
    int argc = (int)stack[0] - 2; /* docker-init -- PROGRAM ... */
    char **argv = (char **)(stack + 3), **envp = (char **)(stack + 2 + stack[0]);
    if (argc < 1)
        leave(1);
    call(PRCTL, PR_SET_NAME, (word) "docker-init", 0, 0);
    word faults = bit(SIGILL) | bit(SIGTRAP) | bit(SIGABRT) | bit(SIGBUS) | bit(SIGFPE) |
                  bit(SIGSEGV) | bit(SIGSYS);
    word awaited = ~faults;
    call(RT_SIGPROCMASK, SIG_SETMASK, (word)&awaited, 0, SIGSET_BYTES);
    long program = call(CLONE, SIGCHLD, 0, 0, 0);
    if (program == 0)
        become(argc, argv, envp);
    if (program < 0) {
        print("[FATAL tini (");
        print_number(call(GETPID, 0, 0, 0, 0));
        print(")] fork failed: Resource temporarily unavailable\n");
        leave(1);
    }
    for (;;) {
        reap(program);
        long number = call(RT_SIGTIMEDWAIT, (word)&awaited, 0, 0, SIGSET_BYTES);
        if (number > 0 && number != SIGCHLD && number != SIGTTIN && number != SIGTTOU)
            call(KILL, program, number, 0, 0);
    }
}
