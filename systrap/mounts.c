#include "mounts.h"
#include "config.h"
#include "memory.h"
#include "text.h"

static enum mounts_format format_of(const char *name) {
    if (text_equal(name, "mounts"))
        return MOUNTS;
    if (text_equal(name, "mountinfo"))
        return MOUNTINFO;
    return text_equal(name, "mountstats") ? MOUNTSTATS : NO_MOUNTS;
}

static const char *behind_segment(const char *path) {
    while (*path && *path != '/')
        path++;
    return *path ? path + 1 : path;
}

enum mounts_format mounts_format(const char *path) {
    if (!text_starts(path, "/proc/"))
        return NO_MOUNTS;
    path += 6;
    if (text_equal(path, "mounts"))
        return MOUNTS;
    path = behind_segment(path); /* the process */
    if (text_starts(path, "task/"))
        path = behind_segment(path + 5);
    return format_of(path);
}

int mounts_is_name(const char *path) {
    const char *name = path;
    for (; *path; path++)
        if (*path == '/')
            name = path + 1;
    return format_of(name) != NO_MOUNTS;
}

/* Write a path; white space and backslashes become octal. */
static char *put_escaped(char *to, const char *path) {
    for (; *path; path++) {
        u8 byte = (u8)*path;
        if (byte != ' ' && byte != '\t' && byte != '\n' && byte != '\\') {
            *to++ = (char)byte;
            continue;
        }
        *to++ = '\\';
        for (int shift = 6; shift >= 0; shift -= 3)
            *to++ = (char)('0' + (byte >> shift & 7));
    }
    *to = 0;
    return to;
}

/* Write major:minor, as makedev(3) packs them. */
static char *put_device(char *to, u64 device) {
    to = text_put_number(to, (device >> 8 & 0xfff) | (device >> 32 & ~0xfffULL));
    return text_put_number(text_put(to, ":"), (device & 0xff) | (device >> 12 & 0xffffff00));
}

char *mounts_line(char *to, const struct mount *mount, enum mounts_format format) {
    const char *options = mount->read_only ? "ro" : "rw";
    switch (format) {
    case NO_MOUNTS: return to;
    case MOUNTS:
        to = put_escaped(text_put(text_put(to, mount->type), " "), mount->target);
        to = text_put(text_put(text_put(to, " "), mount->type), " ");
        return text_put(text_put(to, options), " 0 0\n");
    case MOUNTINFO:
        to = text_put(text_put_number(to, mount->id), mount->id == 1 ? " 0 " : " 1 ");
        to = put_escaped(text_put(put_device(to, mount->device), " / "), mount->target);
        to = text_put(text_put(text_put(to, " "), options), " - ");
        to = text_put(text_put(text_put(to, mount->type), " "), mount->type);
        return text_put(text_put(text_put(to, " "), options), "\n");
    case MOUNTSTATS:
        to = text_put(text_put(text_put(to, "device "), mount->type), " mounted on ");
        to = text_put(put_escaped(to, mount->target), " with fstype ");
        return text_put(text_put(to, mount->type), "\n");
    }
    return to;
}

static const char *type_of(const struct bind *bind) {
    if (bind->kind != HOST)
        return "systrap";
    if (text_equal(bind->target, "/proc"))
        return "proc";
    return text_equal(bind->target, "/sys") ? "sysfs" : "devtmpfs";
}

static u64 device_of(int fd, const char *path) {
    struct stat status = {0};
    if (fd < 0)
        SYS(__NR_stat, path, &status);
    else
        SYS(__NR_fstat, fd, &status);
    return status.st_dev;
}

/* The mount of a number: 0 is the root, then come the binds, of which the longest is the last. */
static struct mount mount_at(int number) {
    u64 id = (u64)number + 1;
    if (number == 0)
        return (struct mount){"/", "systrap", device_of(ROOT_FD, NULL), config.read_only, id};
    const struct bind *bind = &config.binds[config.bind_count - number];
    return (struct mount){bind->target, type_of(bind), device_of(bind->fd, bind->source),
                          bind->kind == READ_ONLY, id};
}

static i64 write_mounts(i64 fd, char *line, enum mounts_format format) {
    i64 result = fd;
    for (int number = 0; result >= 0 && number <= config.bind_count; number++) {
        struct mount mount = mount_at(number);
        i64 length = mounts_line(line, &mount, format) - line;
        result = SYS(__NR_write, fd, line, length);
    }
    return result < 0 ? result : SYS(__NR_lseek, fd, 0, SEEK_SET);
}

i64 mounts_open(enum mounts_format format, u64 flags) {
    char *line = memory_get(MOUNT_LINE);
    if (!line)
        return -ENOMEM;
    i64 fd = SYS(__NR_memfd_create, "mounts", flags & O_CLOEXEC ? MFD_CLOEXEC : 0);
    i64 result = fd < 0 ? fd : write_mounts(fd, line, format);
    memory_free(line, MOUNT_LINE);
    if (fd < 0 || result == 0)
        return fd;
    return close_with(fd, result);
}
