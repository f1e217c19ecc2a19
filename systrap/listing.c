#include "listing.h"
#include "config.h"
#include "text.h"
#include <linux/magic.h>
#include <sys/vfs.h>

enum {
    PROC_ROOT_INODE = 1, /* of /proc itself */
    STAT_SIZE = 512,
    MOST_ANCESTORS = 1000, /* more than a chain has whose processes do not change meanwhile */
};

/* struct linux_dirent64 */
struct entry {
    u64 inode;
    i64 offset;
    u16 size;
    u8 type;
    char name[];
};

u64 listing_parent(const char *stat) {
    const char *after = NULL; /* the name, in which parentheses may be */
    for (; *stat; stat++)
        if (stat[0] == ')' && stat[1] == ' ')
            after = stat + 2;
    if (!after || !after[0] || after[1] != ' ')
        return 0;
    after += 2;
    return text_number(&after);
}

static u64 parent_of(u64 pid) {
    char path[FD_PATH], stat[STAT_SIZE];
    text_put(text_put_number(text_put(path, "/proc/"), pid), "/stat");
    i64 fd = SYS(__NR_open, path, O_RDONLY | O_CLOEXEC, 0);
    if (fd < 0)
        return 0; /* it has ended */
    i64 length = close_with(fd, SYS(__NR_read, fd, stat, sizeof stat - 1));
    stat[length < 0 ? 0 : length] = 0;
    return listing_parent(stat);
}

static int is_number(const char *name) {
    const char *end = name;
    text_number(&end);
    return end > name && !*end;
}

static int is_shim(u64 pid) {
    for (int at = 0; at < config.shim_count; at++)
        if (pid == config.shims[at])
            return 1;
    return 0;
}

/* Whether a name in /proc is not that of a process outside. */
static int is_shown(const char *name) {
    if (!is_number(name))
        return 1;
    u64 pid = text_number(&name);
    for (int count = 0; pid > 1 && count < MOST_ANCESTORS; count++) {
        pid = parent_of(pid);
        if (is_shim(pid))
            return 1;
    }
    return 0;
}

/* Whether a name in /proc/PID/fd is not a descriptor of ours. */
static int is_program_s(const char *name) {
    if (!is_number(name))
        return 1;
    u64 fd = text_number(&name);
    return fd < ROOT_FD || fd > config_last_fd();
}

static int is_in_proc(int fd) {
    struct statfs filesystem;
    return SYS(__NR_fstatfs, fd, &filesystem) == 0 && filesystem.f_type == PROC_SUPER_MAGIC;
}

/* Whether a folder is /proc/PID/fd. */
static int is_descriptor_list(int fd) {
    char link[FD_PATH], path[FD_PATH];
    i64 length = SYS(__NR_readlink, text_fd_path(link, fd), path, sizeof path - 1);
    path[length < 0 ? 0 : length] = 0;
    return text_ends(path, "/fd");
}

/* Which names of a listing in /proc the program does not see; NULL if it sees all. */
static int (*filter_of(int fd))(const char *name) {
    struct stat status;
    if (!is_in_proc(fd))
        return NULL;
    if (SYS(__NR_fstat, fd, &status) == 0 && status.st_ino == PROC_ROOT_INODE)
        return config.shim_count ? is_shown : NULL;
    return is_descriptor_list(fd) ? is_program_s : NULL;
}

static int has_numbers(const char *entries, i64 size) {
    for (i64 at = 0; at < size; at += ((const struct entry *)(entries + at))->size)
        if (is_number(((const struct entry *)(entries + at))->name))
            return 1;
    return 0;
}

i64 listing_filter(char *entries, i64 size, int (*keep)(const char *name)) {
    i64 kept = 0;
    for (i64 at = 0; at < size;) {
        struct entry *entry = (struct entry *)(entries + at);
        u16 length = entry->size;
        if (keep(entry->name)) {
            memmove(entries + kept, entry, length);
            kept += length;
        }
        at += length;
    }
    return kept;
}

i64 listing_getdents64(const struct call *call) {
    int fd = (int)call->arg[0];
    char *entries = (char *)call->arg[1];
    for (;;) {
        i64 size = SYS(__NR_getdents64, fd, entries, call->arg[2]);
        int (*keep)(const char *name) =
            size > 0 && has_numbers(entries, size) ? filter_of(fd) : NULL;
        if (!keep)
            return size;
        size = listing_filter(entries, size, keep);
        if (size) /* 0 would be the end */
            return size;
    }
}
