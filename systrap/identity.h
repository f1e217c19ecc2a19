/* Who the process believes to be: root, though it is an ordinary user. See credentials(7). */
#pragma once
#include "core.h"
#include <linux/stat.h>

struct statx;

handler identity_getuid, identity_geteuid, identity_getgid, identity_getegid;
handler identity_getresuid, identity_getresgid, identity_getgroups;
handler identity_setuid, identity_setgid, identity_setreuid, identity_setregid;
handler identity_setresuid, identity_setresgid, identity_setfsuid, identity_setfsgid;
handler identity_uname;

/* Show files of the real user as those of the pretended one; return `result`. */
i64 identity_of_stat(i64 result, struct stat *status);
i64 identity_of_statx(i64 result, struct statx *status);
/* Open a file as root may, though its mode forbids it to its owner. Return -EACCES otherwise. */
i64 identity_open(int folder, const char *path, u64 flags, u64 mode);
/* Whether root may access a file, where the mode forbids it to its owner: 0 or -EACCES. */
i64 identity_access(int fd, int mode);
