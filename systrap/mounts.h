/* The files of /proc that list mounts: they have the container's. See proc_pid_mountinfo(5). */
#pragma once
#include "core.h"

enum mounts_format { NO_MOUNTS, MOUNTS, MOUNTINFO, MOUNTSTATS };

struct mount {
    const char *target;
    const char *type;
    u64 device; /* st_dev */
    int read_only;
    u64 id; /* the root's is 1 */
};
enum { MOUNT_LINE = 4 * PATH_MAX + 256 };

/* Return in which format the file at an absolute path lists mounts. */
enum mounts_format mounts_format(const char *path);
/* Whether a path ends with the name of such a file. */
int mounts_is_name(const char *path);
/* Write a mount's line, of at most MOUNT_LINE bytes; return its end. */
char *mounts_line(char *to, const struct mount *mount, enum mounts_format format);
/* Open a file that has the container's mounts. */
i64 mounts_open(enum mounts_format format, u64 flags);
