/* Threads that make calls with paths, start programs and get signals. */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <fcntl.h>
#include <unistd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <spawn.h>
#include <signal.h>
#include <string.h>
#include <errno.h>
extern char **environ;
static int bad;
static void *w(void *a) {
    long i = (long)a;
    char p[64], q[64];
    for (int j = 0; j < 2000; j++) {
        sprintf(p, "/tmp/th%ld", i);
        sprintf(q, "/tmp/th%ld.r", i);
        int f = open(p, O_CREAT | O_WRONLY, 0644);
        if (f < 0) {
            bad++;
            continue;
        }
        close(f);
        struct stat s;
        if (stat(p, &s))
            bad++;
        if (access(p, R_OK))
            bad++;
        if (rename(p, q))
            bad++;
        if (unlink(q))
            bad++;
        if (stat(p, &s) == 0 || errno != ENOENT)
            bad++;
    }
    return 0;
}
static void *sp(void *a) {
    for (int j = 0; j < 30; j++) {
        char *v[] = {"true", 0};
        pid_t c;
        if (posix_spawnp(&c, "true", 0, 0, v, environ))
            bad++;
        else {
            int st;
            waitpid(c, &st, 0);
            if (st)
                bad++;
        }
    }
    return 0;
}
static void onusr(int s) {
    struct stat st;
    if (stat("/etc/passwd", &st))
        bad++;
}
int main() {
    pthread_t t[12];
    struct sigaction sa = {.sa_handler = onusr};
    sigfillset(&sa.sa_mask);
    sigaction(SIGUSR1, &sa, 0);
    for (long i = 0; i < 8; i++)
        pthread_create(t + i, 0, w, (void *)i);
    for (long i = 8; i < 12; i++)
        pthread_create(t + i, 0, sp, 0);
    for (int i = 0; i < 200; i++) {
        pthread_kill(t[i % 8], SIGUSR1);
        usleep(500);
    }
    for (int i = 0; i < 12; i++)
        pthread_join(t[i], 0);
    // all signals blocked, then a call with a path; as in posix_spawn and pthread_create
    sigset_t all, old;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, &old);
    struct stat st;
    if (stat("/etc/passwd", &st))
        bad++;
    sigset_t cur;
    sigprocmask(SIG_SETMASK, &old, &cur);
    if (!sigismember(&cur, SIGINT))
        bad++;
    pid_t c = vfork();
    if (!c) {
        execl("/bin/sh", "sh", "-c", "exit 7", (char *)0);
        _exit(1);
    }
    int s;
    waitpid(c, &s, 0);
    if (WEXITSTATUS(s) != 7)
        bad++;
    c = vfork();
    if (!c) {
        execl("/nonexistent", "x", (char *)0);
        _exit(errno == ENOENT ? 5 : 6);
    }
    waitpid(c, &s, 0);
    if (WEXITSTATUS(s) != 5)
        bad++;
    printf("threads bad=%d\n", bad);
    return bad != 0;
}
