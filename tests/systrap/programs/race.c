/* Exchanges a folder and a link that leads out, while another thread opens files below it.

       race TARGET ROUNDS

   TARGET: a folder of the host with a file `secret`, which begins with "outside". */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static volatile int ended;

static void *exchange(void *unused) {
    (void)unused;
    while (!ended)
        renameat2(AT_FDCWD, "/tmp/race/swap", AT_FDCWD, "/tmp/race/link", RENAME_EXCHANGE);
    return NULL;
}

/* Whether a path leads to the secret. */
static int leads_out(int folder, const char *path) {
    char text[8] = "";
    int fd = openat(folder, path, O_RDONLY);
    if (fd < 0)
        return 0;
    read(fd, text, sizeof text - 1);
    close(fd);
    return !strcmp(text, "outside");
}

int main(int count, char **arguments) {
    char target[4096];
    int escapes = 0;
    pthread_t thread;
    if (count != 3)
        return 2;
    mkdir("/tmp/race", 0755);
    mkdir("/tmp/race/swap", 0755);
    close(open("/tmp/race/swap/secret", O_WRONLY | O_CREAT, 0644));
    snprintf(target, sizeof target, "../../../../../../../../../..%s", arguments[1]);
    symlink(target, "/tmp/race/link");
    int folder = open("/tmp/race", O_RDONLY | O_DIRECTORY);
    pthread_create(&thread, NULL, exchange, NULL);
    for (int round = 0; round < atoi(arguments[2]); round++) {
        escapes += leads_out(AT_FDCWD, "/tmp/race/swap/secret");
        escapes += leads_out(folder, "swap/secret");
        escapes += leads_out(folder, "swap/../swap/secret");
        escapes += leads_out(folder, "../../tmp/race/swap/secret");
    }
    ended = 1;
    pthread_join(thread, NULL);
    printf("tried; %d got out\n", escapes);
    return escapes != 0;
}
