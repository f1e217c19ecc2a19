/* Who the process believes to be: root, though it is an ordinary user. See credentials(7). */
#pragma once
#include "core.h"
#include <linux/stat.h>

struct statx;
struct ucred;

handler identity_getuid, identity_geteuid, identity_getgid, identity_getegid;
handler identity_getresuid, identity_getresgid, identity_getgroups;
handler identity_setuid, identity_setgid, identity_setreuid, identity_setregid;
handler identity_setresuid, identity_setresgid, identity_setfsuid, identity_setfsgid;
handler identity_uname;

/* Show files of the real user as those of the pretended one; return `result`. */
i64 identity_of_stat(i64 result, struct stat *status);
i64 identity_of_statx(i64 result, struct statx *status);
/* Show the user of a socket's other end as who that process believes to be. */
void identity_of_peer(struct ucred *peer);
/* Open a path that leads through folders which root may search though their modes forbid it. Return
   -EACCES otherwise. */
i64 identity_through(int folder, const char *path, u64 flags, u64 mode);
/* Root changes what is in a folder although its mode forbids that: see capabilities(7),
   CAP_DAC_OVERRIDE. The mode allows it while a call is made again. */
struct retry {
    int folder;
    int turns;
    i64 mode; /* that comes back, or 0 */
};
/* Whether to make a call that had a result again; end what was begun for it. */
int identity_retries(struct retry *retry, i64 result);
/* Make CALL, which changes what is in a folder. */
#define IN_FOLDER(fd, CALL)                                                                        \
    ({                                                                                             \
        struct retry retry = {.folder = fd};                                                       \
        i64 done;                                                                                  \
        do                                                                                         \
            done = CALL;                                                                           \
        while (identity_retries(&retry, done));                                                    \
        done;                                                                                      \
    })

/* Open a file as root may, though its mode forbids it to its owner. Return -EACCES otherwise. */
i64 identity_open(int folder, const char *path, u64 flags, u64 mode);
/* Whether root may access a file, where the mode forbids it to its owner: 0 or -EACCES. */
i64 identity_access(int fd, int mode);
