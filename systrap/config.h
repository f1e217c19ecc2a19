/* What a process knows of its container. It is handed on as a text at each execve(2). */
#pragma once
#include "core.h"

enum {
    ROOT_FD = 200, /* the root's descriptor; those of binds follow */
    MOST_BINDS = 48,
    MOST_NAMES = 128,
    MOST_SHIMS = 16,
    CONFIG_SIZE = 16384,
};

/* A file or folder of the host that the container sees. HOST is a part of the kernel, such as
   /proc: it is seen at the same path, and the kernel follows its links. */
struct bind {
    const char *source, *target; /* absolute paths: of the host, in the container */
    i64 source_length, target_length;
    enum bind_kind { WRITABLE, READ_ONLY, HOST } kind;
    int fd; /* of the source; -1 for HOST */
};

struct name {
    const char *text;
    i64 length;
};

enum { REAL, EFFECTIVE, SAVED }; /* indexes of user_ids and group_ids, see credentials(7) */

enum reach { REACH_ITSELF, REACH_CONTAINERS, REACH_ALL };

struct config {
    const char *root; /* the host's path of the container's root */
    i64 root_length;
    const char *self; /* the host's path of this program */
    const char *hostname;
    const char *signals; /* the socket of whom sends signals that the border forbids; "" for none */
    int patch;     /* whether hot call sites are rewritten */
    int read_only; /* whether nothing may be written but to binds */
    u32 real_uid, real_gid;
    u32 user_ids[3], group_ids[3]; /* who the process believes to be */
    int shim_count; /* 0: /proc lists all processes */
    u32 shims[MOST_SHIMS]; /* whose descendants alone /proc lists */
    int bind_count;
    struct bind binds[MOST_BINDS]; /* the longest target first */
    int name_count;
    struct name names[MOST_NAMES]; /* the names in the targets of binds */
    u32 number;       /* of its part of the loopback, see addresses.h; 0: all of the network */
    enum reach reach; /* then, what it may connect to */
    int files_fd;     /* the socket of broker.h, behind the binds' descriptors; 0 for none */
};
extern struct config config;

/* Write the configuration as a text; return its end. `to` has CONFIG_SIZE bytes. */
char *config_write(char *to, const struct config *from);
/* Read a text of config_write, of which the configuration then uses the strings. */
void config_read(struct config *to, char *text);
/* Add a bind, in its place. Return -1 if they are too many. */
int config_add_bind(struct config *to, const char *source, const char *target, enum bind_kind kind);
/* The last of our descriptors, of which ROOT_FD is the first. */
static inline u64 config_last_fd(void) {
    return (u64)(config.files_fd ? config.files_fd : ROOT_FD + config.bind_count);
}
/* Collect the names in the targets, and number the descriptors of binds. */
void config_index(struct config *to);
