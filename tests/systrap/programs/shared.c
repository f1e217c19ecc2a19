/* Tries to write to files that containers of one image share, from where the filter allows
   everything: by system calls, and by what it asks the shim for. What it can is printed.

       shared FILE FOLDER SECRET

   FILE: an image's, in its root. FOLDER: of the root, which has files of the container's own.
   SECRET: a file of the host's. */
#define _GNU_SOURCE
#include "raw.h"
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ROOT = 200, LAST = 260, TURNS = 300 };
static char root[4096], file[8192], folder[8192], other[8192];
static struct stat shared;

/* Whether a descriptor is of the image's file. */
static int is_shared(long fd) {
    struct stat status;
    return CALL(SYS_fstat, fd, &status) == 0 && status.st_ino == shared.st_ino;
}

static void may_not(const char *how, long fd) {
    if (fd >= 0 && is_shared(fd) && CALL(SYS_pwrite64, fd, "X", 1, 0) >= 0)
        got_out(how);
    if (fd >= 0)
        CALL(SYS_close, fd);
}

static void open_it(void) {
    char link[64];
    may_not("write", CALL(SYS_open, file, O_WRONLY));
    may_not("read and write", CALL(SYS_open, file, O_RDWR));
    may_not("append", CALL(SYS_open, file, O_WRONLY | O_APPEND));
    may_not("create", CALL(SYS_open, file, O_RDWR | O_CREAT, 0600));
    MUST_FAIL("truncate by open", CALL(SYS_open, file, O_RDONLY | O_TRUNC));
    MUST_FAIL("truncate", CALL(SYS_truncate, file, 0));
    long fd = CALL(SYS_open, file, O_RDONLY), look = CALL(SYS_open, file, O_PATH);
    sprintf(link, "/proc/self/fd/%ld", fd);
    may_not("open again", CALL(SYS_open, link, O_RDWR));
    sprintf(link, "/proc/self/fd/%ld", look);
    may_not("open what was looked at", CALL(SYS_open, link, O_RDWR));
    MUST_FAIL("truncate what is read", CALL(SYS_ftruncate, fd, 0));
    MUST_FAIL("allocate", CALL(SYS_fallocate, fd, 0, 0, 4096));
    MUST_FAIL("punch a hole", CALL(SYS_fallocate, fd, 3, 0, 4096));
    MUST_FAIL("copy into it", CALL(SYS_copy_file_range, fd, 0, fd, 0, 16, 0));
    CALL(SYS_close, fd);
    CALL(SYS_close, look);
}

static void map_it(void) {
    long fd = CALL(SYS_open, file, O_RDONLY);
    long map = CALL(SYS_mmap, 0, 4096, PROT_READ, MAP_SHARED, fd, 0);
    struct iovec local = {"X", 1}, remote = {(void *)map, 1};
    MUST_FAIL("map it", CALL(SYS_mmap, 0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0));
    MUST_FAIL("write to a map", CALL(SYS_mprotect, map, 4096, PROT_READ | PROT_WRITE));
    MUST_FAIL("write to own memory",
              CALL(SYS_process_vm_writev, getpid(), &local, 1, &remote, 1));
    long memory = CALL(SYS_open, "/proc/self/mem", O_RDWR);
    if (memory >= 0)
        MUST_FAIL("write to /proc/self/mem", CALL(SYS_pwrite64, memory, "X", 1, map));
}

/* Others would wait for its end when they open the file. */
static void lease_it(void) {
    long fd = CALL(SYS_open, file, O_RDONLY);
    MUST_FAIL("read lease", CALL(SYS_fcntl, fd, F_SETLEASE, F_RDLCK));
    MUST_FAIL("write lease", CALL(SYS_fcntl, fd, F_SETLEASE, F_WRLCK));
    CALL(SYS_close, fd);
}

static void move_it(void) {
    char name[8300];
    snprintf(name, sizeof name, "%s/moved", folder);
    MUST_FAIL("link it", CALL(SYS_link, file, name));
    MUST_FAIL("move it", CALL(SYS_rename, file, name));
    long fd = CALL(SYS_open, file, O_PATH);
    MUST_FAIL("link what was looked at", CALL(SYS_linkat, fd, "", AT_FDCWD, name, AT_EMPTY_PATH));
    CALL(SYS_mkdir, name, 0700);
    snprintf(other, sizeof other, "%s/usr/share", root);
    MUST_FAIL("move its folder", CALL(SYS_rename, other, name));
    MUST_FAIL("exchange its folder",
              CALL(SYS_renameat2, AT_FDCWD, other, AT_FDCWD, name, 2 /* RENAME_EXCHANGE */));
}

static int find_socket(void) {
    int kind;
    for (int fd = ROOT; fd < LAST; fd++) {
        unsigned size = sizeof kind;
        if (CALL(SYS_getsockopt, fd, SOL_SOCKET, SO_TYPE, &kind, &size) == 0)
            return fd;
    }
    return -1;
}

/* Ask the shim for a file, as systrap does. Return a descriptor, or a negative error number. */
static long ask(long fd, unsigned long flags) {
    int pair[2], fds[2];
    long answer = 0;
    char control[CMSG_SPACE(sizeof fds)] = {0};
    struct iovec part = {&flags, sizeof flags}, back = {&answer, sizeof answer};
    struct msghdr message = {0, 0, &part, 1, control, sizeof control, 0};
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    CALL(SYS_socketpair, AF_UNIX, SOCK_SEQPACKET, 0, pair);
    *header = (struct cmsghdr){CMSG_LEN(sizeof fds), SOL_SOCKET, SCM_RIGHTS};
    fds[0] = pair[1];
    fds[1] = fd;
    memcpy(CMSG_DATA(header), fds, sizeof fds);
    long sent = CALL(SYS_sendmsg, find_socket(), &message, MSG_NOSIGNAL);
    CALL(SYS_close, pair[1]);
    message.msg_iov = &back;
    message.msg_controllen = sizeof control;
    long got = sent < 0 ? sent : CALL(SYS_recvmsg, pair[0], &message, 0);
    CALL(SYS_close, pair[0]);
    if (got < (long)sizeof answer || answer < 0)
        return got < (long)sizeof answer ? -EIO : answer;
    memcpy(fds, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof *fds);
    return fds[0];
}

static void ask_for_others(const char *secret) {
    const char *const paths[] = {secret, "/etc/passwd", "/proc/self/mem", "/", "/dev/null", root};
    for (unsigned at = 0; at < sizeof paths / sizeof *paths; at++) {
        long fd = CALL(SYS_open, paths[at], O_PATH);
        if (fd >= 0)
            MUST_FAIL(paths[at], ask(fd, O_RDWR));
    }
    MUST_FAIL("ask for a socket", ask(find_socket(), O_RDWR));
}

static int stop;
static long looked;

/* Names that vanish and come back while the shim looks at them. */
static void *swap(void *none) {
    char link[64];
    sprintf(link, "/proc/self/fd/%ld", looked);
    while (!*(volatile int *)&stop) {
        CALL(SYS_unlink, file);
        CALL(SYS_linkat, AT_FDCWD, link, AT_FDCWD, file, AT_SYMLINK_FOLLOW);
        CALL(SYS_rename, file, other);
        CALL(SYS_rename, other, file);
        CALL(SYS_link, file, other);
        CALL(SYS_unlink, other);
    }
    return none;
}

static void race(void) {
    pthread_t thread;
    snprintf(other, sizeof other, "%s~", file);
    looked = CALL(SYS_open, file, O_PATH);
    pthread_create(&thread, NULL, swap, NULL);
    for (int turn = 0; turn < TURNS; turn++) {
        may_not("write in a race", ask(looked, O_RDWR));
        may_not("truncate in a race", ask(looked, O_RDWR | O_TRUNC | O_EXCL));
    }
    stop = 1;
    pthread_join(thread, NULL);
    CALL(SYS_unlink, other);
    CALL(SYS_unlink, file);
    MUST_FAIL("ask for what was removed", ask(looked, O_RDWR));
}

int main(int count, char **arguments) {
    if (count != 4)
        return 2;
    setvbuf(stdout, NULL, _IONBF, 0);
    take_calls("overwrite");
    CALL(SYS_readlink, "/proc/self/fd/200", root, sizeof root - 1);
    snprintf(file, sizeof file, "%s%s", root, arguments[1]);
    snprintf(folder, sizeof folder, "%s%s", root, arguments[2]);
    if (CALL(SYS_stat, file, &shared) < 0 || shared.st_nlink < 2 || find_socket() < 0)
        return 3;
    open_it();
    map_it();
    lease_it();
    move_it();
    ask_for_others(arguments[3]);
    race();
    printf("tried; %d got out\n", escapes);
    return escapes != 0;
}
