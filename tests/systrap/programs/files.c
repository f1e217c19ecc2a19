/* Calls with paths, in a container: what is wrong is printed. It runs as /w/files. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <fcntl.h>
#include <unistd.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/mman.h>
#include <sys/xattr.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <poll.h>
static int bad;
#define CHECK(x)                                                                                   \
    do {                                                                                           \
        errno = 0;                                                                                 \
        if (!(x)) {                                                                                \
            printf("FAIL %d: %s (%s)\n", __LINE__, #x, strerror(errno));                           \
            bad++;                                                                                 \
        }                                                                                          \
    } while (0)
int main(int c, char **v) {
    if (c > 1) {
        printf("exec'd %s\n", v[1]);
        return 3;
    }
    char b[5000];
    struct stat s, u;
    system("rm -rf /tmp/t; mkdir /tmp/t");
    CHECK(chdir("/tmp/t") == 0);
    CHECK(getcwd(b, sizeof b) && !strcmp(b, "/tmp/t"));
    CHECK(!getcwd(b, 5) && errno == ERANGE);
    CHECK(mkdir("d", 0755) == 0);
    CHECK(mkdir("d/", 0755) < 0 && errno == EEXIST);
    CHECK(mkdir("/tmp/t/e/", 0755) == 0);
    int f = open("d/x", O_CREAT | O_RDWR | O_EXCL, 0644);
    CHECK(f >= 0);
    CHECK(write(f, "abc", 3) == 3);
    CHECK(open("d/x", O_CREAT | O_EXCL, 0644) < 0 && errno == EEXIST);
    CHECK(symlink("/etc/debian_version", "abs") == 0);
    CHECK(symlink("../../etc/debian_version", "rel") == 0);
    CHECK(symlink("/tmp/t/d", "dl") == 0);
    CHECK(symlink("nowhere", "dang") == 0);
    CHECK(symlink("/proc/self", "pl") == 0);
    CHECK(symlink("loop", "loop") == 0);
    CHECK(stat("abs", &s) == 0 && S_ISREG(s.st_mode));
    CHECK(lstat("abs", &s) == 0 && S_ISLNK(s.st_mode));
    CHECK(stat("rel", &u) == 0);
    CHECK(readlink("abs", b, 99) == 19 && !memcmp(b, "/etc/debian_version", 19));
    CHECK(stat("dl/x", &s) == 0 && s.st_size == 3);
    CHECK(stat("/tmp/t/dl/x", &s) == 0);
    CHECK(open("dang", O_RDONLY) < 0 && errno == ENOENT);
    int g = open("dang", O_CREAT | O_WRONLY, 0600);
    CHECK(g >= 0);
    close(g);
    CHECK(stat("nowhere", &s) == 0);
    CHECK(stat("loop", &s) < 0 && errno == ELOOP);
    CHECK(open("abs", O_RDONLY | O_NOFOLLOW) < 0 && errno == ELOOP);
    CHECK(stat("d/x/y", &s) < 0 && errno == ENOTDIR);
    CHECK(stat("", &s) < 0 && errno == ENOENT);
    CHECK(open("d", O_WRONLY) < 0 && errno == EISDIR);
    CHECK((g = open("pl/status", O_RDONLY)) >= 0);
    close(g);
    CHECK((g = open("pl/../self/stat", O_RDONLY)) >= 0);
    close(g);
    CHECK(link("d/x", "h") == 0);
    CHECK(stat("h", &s) == 0 && s.st_nlink == 2);
    CHECK(linkat(AT_FDCWD, "abs", AT_FDCWD, "habs", 0) == 0);
    CHECK(lstat("habs", &s) == 0 && S_ISLNK(s.st_mode));
    CHECK(rename("h", "d/h2") == 0);
    CHECK(rename("d", "d3") == 0);
    CHECK(getcwd(b, 99) != 0);
    CHECK(rename("d3", "d") == 0);
    CHECK(rename("/tmp/t/d/h2", "/tmp/t/h") == 0);
    CHECK(syscall(SYS_renameat2, AT_FDCWD, "h", AT_FDCWD, "d/x", 2) == 0);
    CHECK(syscall(SYS_renameat2, AT_FDCWD, "h", AT_FDCWD, "d/x", 1) < 0 && errno == EEXIST);
    int d = open("d", O_RDONLY | O_DIRECTORY);
    CHECK(d >= 0);
    CHECK(openat(d, "../abs", O_RDONLY) >= 0);
    CHECK(fstatat(d, "x", &s, 0) == 0);
    CHECK(fstatat(d, "../dl/x", &s, 0) == 0);
    CHECK(fstatat(d, "/etc/passwd", &s, 0) == 0);
    CHECK(faccessat(d, "x", R_OK | W_OK, 0) == 0);
    CHECK(faccessat(d, "x", X_OK, 0) < 0);
    CHECK(fstatat(d, "", &s, AT_EMPTY_PATH) == 0 && S_ISDIR(s.st_mode));
    CHECK(mkdirat(d, "m", 0700) == 0);
    CHECK(unlinkat(d, "m", AT_REMOVEDIR) == 0);
    CHECK(symlinkat("q", d, "sl") == 0);
    CHECK(readlinkat(d, "sl", b, 9) == 1);
    CHECK(unlinkat(d, "sl", 0) == 0);
    CHECK(fchmodat(d, "x", 0600, 0) == 0);
    CHECK(fstatat(d, "x", &s, 0) == 0 && (s.st_mode & 0777) == 0600);
    struct timespec ts[2] = {{1000, 0}, {2000, 0}};
    CHECK(utimensat(d, "x", ts, 0) == 0);
    CHECK(fstatat(d, "x", &s, 0) == 0 && s.st_mtime == 2000);
    CHECK(utimensat(AT_FDCWD, "abs", ts, AT_SYMLINK_NOFOLLOW) == 0);
    CHECK(lstat("abs", &s) == 0 && s.st_mtime == 2000);
    CHECK(chmod("dl/x", 0640) == 0);
    CHECK(truncate("/tmp/t/d/x", 1) == 0);
    CHECK(stat("d/x", &s) == 0 && s.st_size == 1);
    struct statx sx;
    CHECK(statx(AT_FDCWD, "dl/x", 0, STATX_ALL, &sx) == 0 && sx.stx_size == 1);
    CHECK(statx(d, "", AT_EMPTY_PATH, STATX_ALL, &sx) == 0);
    CHECK(chdir("dl") == 0);
    CHECK(getcwd(b, sizeof b) && !strcmp(b, "/tmp/t/d"));
    CHECK(stat("../abs", &s) == 0);
    CHECK(chdir("../../../../../..") == 0);
    CHECK(getcwd(b, sizeof b) && !strcmp(b, "/"));
    CHECK(stat("../etc/passwd", &s) == 0);
    CHECK(stat("../../tmp/../etc/passwd", &s) == 0);
    CHECK(fchdir(d) == 0);
    CHECK(getcwd(b, sizeof b) && !strcmp(b, "/tmp/t/d"));
    CHECK(chdir("/tmp/t") == 0);
    CHECK((g = open("/tmp/t", O_TMPFILE | O_RDWR, 0600)) >= 0);
    char l[64];
    sprintf(l, "/proc/self/fd/%d", g);
    CHECK(linkat(AT_FDCWD, l, AT_FDCWD, "/tmp/t/tmpf", AT_SYMLINK_FOLLOW) == 0);
    CHECK(stat("tmpf", &s) == 0);
    CHECK(readlink("/proc/self/exe", b, sizeof b) > 0);
    int k = readlink("/proc/self/exe", b, sizeof b);
    b[k > 0 ? k : 0] = 0;
    CHECK(!strcmp(b, "/w/files"));
    CHECK((g = open("/proc/self/exe", O_RDONLY)) >= 0);
    CHECK(pread(g, b, 4, 0) == 4 && !memcmp(b, "\177ELF", 4));
    fstat(g, &s);
    stat("/w/files", &u);
    CHECK(s.st_ino == u.st_ino);
    close(g);
    CHECK(readlink("/proc/self/cwd", b, sizeof b) == 6 && !memcmp(b, "/tmp/t", 6));
    sprintf(l, "/proc/self/fd/%d", d);
    k = readlink(l, b, 99);
    CHECK(k == 8 && !memcmp(b, "/tmp/t/d", 8));
    int w = inotify_init1(IN_NONBLOCK);
    CHECK(w >= 0);
    CHECK(inotify_add_watch(w, "/tmp/t/dl", IN_CREATE) >= 0);
    close(open("d/new", O_CREAT | O_WRONLY, 0600));
    CHECK(read(w, b, sizeof b) > 0);
    int q = socket(AF_UNIX, SOCK_STREAM, 0);
    struct sockaddr_un a = {AF_UNIX, "/tmp/t/dl/sock"};
    CHECK(bind(q, (void *)&a, sizeof a) == 0);
    CHECK(listen(q, 5) == 0);
    CHECK(lstat("d/sock", &s) == 0 && S_ISSOCK(s.st_mode));
    int r = socket(AF_UNIX, SOCK_STREAM, 0);
    CHECK(connect(r, (void *)&a, sizeof a) == 0);
    struct sockaddr_un n;
    socklen_t nl = sizeof n;
    CHECK(getsockname(q, (void *)&n, &nl) == 0 && strstr(n.sun_path, "/tmp/t/d") == n.sun_path);
    int q2 = socket(AF_UNIX, SOCK_STREAM, 0);
    CHECK(bind(q2, (void *)&a, sizeof a) < 0 && errno == EADDRINUSE);
    struct sockaddr_un ab = {AF_UNIX, "\0abstr"};
    int q3 = socket(AF_UNIX, SOCK_STREAM, 0);
    CHECK(bind(q3, (void *)&ab, 8) == 0);
    CHECK(setxattr("d/x", "user.a", "v", 1, 0) == 0 || errno == ENOTSUP);
    if (getxattr("d/x", "user.a", b, 9) != 1)
        printf("no xattr: %s\n", strerror(errno));
    CHECK(getxattr("d/x", "security.selinux", b, 9) == -1 && errno == ENOTSUP);
    CHECK(lgetxattr("d/x", "system.posix_acl_access", b, 9) == -1 && errno == ENOTSUP);
    CHECK(mkfifo("fifo", 0600) == 0);
    CHECK(lstat("fifo", &s) == 0 && S_ISFIFO(s.st_mode));
    for (int m = 0; m < 2; m++) {
        pid_t p = fork();
        if (!p) {
            char *av[] = {"files", "by fd", 0};
            char *ev[] = {0};
            int fd = open("/w/files", O_RDONLY | (m ? O_CLOEXEC : 0));
            if (m)
                syscall(SYS_execveat, fd, "", av, ev, AT_EMPTY_PATH);
            else
                fexecve(fd, av, ev);
            _exit(9);
        }
        int st;
        waitpid(p, &st, 0);
        CHECK(WEXITSTATUS(st) == 3);
    }
    f = open("scr", O_CREAT | O_WRONLY, 0755);
    dprintf(f, "#!/bin/sh -e\necho \"$0|$1|$#\"\n");
    close(f);
    FILE *pp = popen("./scr 'a b' c", "r");
    CHECK(fgets(b, 99, pp) && !strcmp(b, "./scr|a b|2\n"));
    pclose(pp);
    f = open("scr2", O_CREAT | O_WRONLY, 0755);
    dprintf(f, "#!/tmp/t/scr x\n");
    close(f);
    pp = popen("/tmp/t/scr2 y", "r");
    CHECK(fgets(b, 99, pp) && !strcmp(b, "/tmp/t/scr|x|3\n"));
    pclose(pp);
    f = open("noex", O_CREAT | O_WRONLY, 0755);
    dprintf(f, "echo plain\n");
    close(f);
    pp = popen("./noex", "r");
    CHECK(fgets(b, 99, pp) && !strcmp(b, "plain\n"));
    pclose(pp);
    CHECK(system("exit 4") == 4 << 8);
    CHECK(unlink("d/sock") == 0);
    CHECK(unlink("d") < 0 && (errno == EISDIR || errno == EPERM));
    CHECK(rmdir("d") < 0 && errno == ENOTEMPTY);
    CHECK(mkdir("gone", 0700) == 0 && chdir("gone") == 0 && rmdir("../gone") == 0);
    CHECK(!getcwd(b, 99) && errno == ENOENT);
    CHECK(open("x", O_CREAT, 0600) < 0 && errno == ENOENT);
    chdir("/tmp/t");
    for (int i = 3; i < 300; i++)
        close(i);
    CHECK(stat("/etc/passwd", &s) == 0);
    CHECK(syscall(SYS_close_range, 3, ~0U, 0) == 0 || errno == ENOSYS);
    CHECK(stat("/etc/passwd", &s) == 0);
    for (int i = 3; i < 250; i++)
        dup2(1, i);
    CHECK(stat("/etc/debian_version", &s) == 0);
    printf("files bad=%d\n", bad);
    return bad != 0;
}
