/* Tries to leave a container. It leaves systrap's handler behind at once: it puts a system call of
   its own where systrap's text is, from where the filter allows everything. What gets out is
   printed.

       hostile WAY SECRET FOLDER PID

   WAY: how it comes to make calls: overwrite, remap (systrap's text), handler (of SIGSYS), mapped
   (code elsewhere, which does not). SECRET, FOLDER: a file and its folder on the host. PID: a
   process of the host. */
#define _GNU_SOURCE
#include "raw.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

static void on_sigsys(int number) { (void)number; }

/* Replace the handler, which systrap keeps for itself. */
static void take_signal(void) {
    struct {
        void *handler;
        unsigned long flags;
        void *restorer;
        unsigned long mask;
    } action = {(void *)on_sigsys, 0, NULL, 0};
    CALL(SYS_rt_sigaction, SIGSYS, &action, 0, 8);
}

static void use_files(const char *secret, const char *folder, int here) {
    char path[4096], text[64];
    MUST_FAIL("read a file", CALL(SYS_open, secret, O_RDONLY));
    MUST_FAIL("write a file", CALL(SYS_open, secret, O_WRONLY));
    MUST_FAIL("truncate a file", CALL(SYS_truncate, secret, 0));
    MUST_FAIL("remove a file", CALL(SYS_unlink, secret));
    MUST_FAIL("list a folder", CALL(SYS_open, folder, O_RDONLY | O_DIRECTORY));
    snprintf(path, sizeof path, "%s/new", folder);
    MUST_FAIL("make a file", CALL(SYS_open, path, O_WRONLY | O_CREAT, 0600));
    MUST_FAIL("make a folder", CALL(SYS_mkdir, path, 0700));
    MUST_FAIL("make a link", CALL(SYS_symlink, "x", path));
    MUST_FAIL("make a pipe", CALL(SYS_mknod, path, S_IFIFO | 0600, 0));
    MUST_FAIL("link a file here", CALL(SYS_linkat, AT_FDCWD, secret, here, "linked", 0));
    MUST_FAIL("move a file here", CALL(SYS_renameat, AT_FDCWD, secret, here, "moved"));
    snprintf(path, sizeof path, "%s/program", folder);
    MUST_FAIL("execute a program of the host", CALL(SYS_execve, path, 0, 0));
    MUST_FAIL("change the root", CALL(SYS_chroot, folder));
    MUST_FAIL("ask for io_uring", CALL(SYS_io_uring_setup, 1, path));
    /* from inside of the container, by the descriptors that systrap has */
    for (int fd = 3; fd < 260; fd++) {
        snprintf(path, sizeof path, "../../../../../../../../../../../..%s", secret);
        long got = CALL(SYS_openat, fd, path, O_RDONLY);
        if (got >= 0 && CALL(SYS_read, got, text, sizeof text) >= 0)
            got_out("read a file by a descriptor");
    }
    snprintf(path, sizeof path, "/proc/self/root%s", secret);
    MUST_FAIL("read a file by /proc/self/root", CALL(SYS_open, path, O_RDONLY));
}

static void use_process(int pid) {
    char path[64], byte = 0;
    struct iovec local = {&byte, 1}, remote = {(void *)TEXT, 1};
    struct rlimit none = {0, 0};
    MUST_FAIL("signal a process", CALL(SYS_kill, pid, SIGTERM));
    MUST_FAIL("queue a signal", CALL(SYS_tgkill, pid, pid, SIGTERM));
    MUST_FAIL("trace a process", CALL(SYS_ptrace, PTRACE_SEIZE, pid, 0, 0));
    MUST_FAIL("read memory", CALL(SYS_process_vm_readv, pid, &local, 1, &remote, 1));
    MUST_FAIL("limit a process", CALL(SYS_prlimit64, pid, RLIMIT_CPU, &none, 0));
    const char *const names[] = {"mem", "environ", "maps", "root/etc/passwd", "fd/0"};
    for (unsigned at = 0; at < sizeof names / sizeof *names; at++) {
        snprintf(path, sizeof path, "/proc/%d/%s", pid, names[at]);
        MUST_FAIL(path, CALL(SYS_open, path, O_RDONLY));
    }
    snprintf(path, sizeof path, "/proc/%d/oom_score_adj", pid);
    MUST_FAIL(path, CALL(SYS_open, path, O_WRONLY));
    long pidfd = CALL(SYS_pidfd_open, pid, 0);
    if (pidfd >= 0) {
        MUST_FAIL("signal by a descriptor", CALL(SYS_pidfd_send_signal, pidfd, SIGTERM, 0, 0));
        MUST_FAIL("take a descriptor", CALL(SYS_pidfd_getfd, pidfd, 0, 0));
    }
}

static void use_abstract_socket(void) {
    struct sockaddr_un address = {AF_UNIX, "\0systrap-victim"};
    long fd = CALL(SYS_socket, AF_UNIX, SOCK_STREAM, 0);
    MUST_FAIL("connect to an abstract socket", CALL(SYS_connect, fd, &address, 2 + 15));
}

int main(int count, char **arguments) {
    if (count != 5)
        return 2;
    setvbuf(stdout, NULL, _IONBF, 0);
    int here = open("/tmp", O_RDONLY | O_DIRECTORY);
    take_calls(arguments[1]);
    if (!strcmp(arguments[1], "handler"))
        take_signal();
    use_files(arguments[2], arguments[3], here);
    use_process(atoi(arguments[4]));
    use_abstract_socket();
    printf("tried; %d got out\n", escapes);
    return escapes != 0;
}
