#include "attributes.h"
#include "broker.h"
#include "config.h"
#include "resolve.h"
#include "text.h"

/* By a descriptor of the program's: CALL, or BY_LINK by the link to the container's own file, if
   the descriptor is of the image's. */
#define BY_DESCRIPTOR(fd, CALL, BY_LINK)                                                           \
    ({                                                                                             \
        char link[FD_PATH];                                                                        \
        i64 own = broker_own(fd);                                                                  \
        own == (fd)      ? CALL                                                                    \
        : own == -ESTALE ? 0                                                                       \
        : own < 0        ? own                                                                     \
                         : (text_fd_path(link, own), close_with(own, BY_LINK));                    \
    })
/* By a path: CALL by `own`, a descriptor of the container's own file (O_PATH), and its link. */
#define BY_PATH(folder, path, no_follow, CALL)                                                     \
    ({                                                                                             \
        char link[FD_PATH];                                                                        \
        i64 own = broker_look(folder, path, no_follow);                                            \
        own == -ESTALE ? 0                                                                         \
        : own < 0      ? own                                                                       \
                       : (text_fd_path(link, own), close_with(own, CALL));                         \
    })

/* Whether capabilities are given to a program (setcap(8)), or taken: it appears to succeed, as chown
   does. They would have no effect. */
static int is_capability(const struct call *call) {
    const char *name = (const char *)call->arg[1];
    return (u64)name >= PAGE && text_equal(name, "security.capability");
}

i64 attribute_fchmod(const struct call *call) {
    return BY_DESCRIPTOR(FD(0), SYS(__NR_fchmod, FD(0), call->arg[1]),
                         SYS(__NR_chmod, link, call->arg[1]));
}
i64 attribute_fsetxattr(const struct call *call) {
    if (is_capability(call))
        return 0;
    return BY_DESCRIPTOR(FD(0),
                         SYS(__NR_fsetxattr, FD(0), call->arg[1], call->arg[2], call->arg[3],
                             call->arg[4]),
                         SYS(__NR_setxattr, link, call->arg[1], call->arg[2], call->arg[3],
                             call->arg[4]));
}
i64 attribute_fremovexattr(const struct call *call) {
    if (is_capability(call))
        return 0;
    return BY_DESCRIPTOR(FD(0), SYS(__NR_fremovexattr, FD(0), call->arg[1]),
                         SYS(__NR_removexattr, link, call->arg[1]));
}

static i64 chmod_at(int folder, const char *path, u64 mode, int flags) {
    if (!*path && (flags & AT_EMPTY_PATH))
        return BY_DESCRIPTOR(folder, SYS(__NR_chmod, text_fd_path(link, folder), mode),
                             SYS(__NR_chmod, link, mode));
    return BY_PATH(folder, path, flags & AT_SYMLINK_NOFOLLOW, SYS(__NR_chmod, link, mode));
}
i64 attribute_chmod(const struct call *call) {
    return chmod_at(AT_FDCWD, PATH(0), call->arg[1], 0);
}
i64 attribute_fchmodat(const struct call *call) {
    return chmod_at(FD(0), PATH(1), call->arg[2], 0);
}
i64 attribute_fchmodat2(const struct call *call) {
    return chmod_at(FD(0), PATH(1), call->arg[2], FD(3));
}

static i64 set_times(int folder, const char *path, const i64 *times, int flags) {
    if (!path || !*path)
        return BY_DESCRIPTOR(folder, SYS(__NR_utimensat, folder, path, times, flags),
                             SYS(__NR_utimensat, AT_FDCWD, link, times, 0));
    return BY_PATH(folder, path, flags & AT_SYMLINK_NOFOLLOW,
                   SYS(__NR_utimensat, own, "", times, AT_EMPTY_PATH));
}

/* Times of seconds and microseconds: struct timeval. */
static i64 set_times_us(int folder, const char *path, const i64 *micro) {
    if (!micro)
        return set_times(folder, path, NULL, 0);
    i64 times[] = {micro[0], micro[1] * 1000, micro[2], micro[3] * 1000};
    return set_times(folder, path, times, 0);
}
i64 attribute_utime(const struct call *call) {
    const i64 *seconds = (const i64 *)call->arg[1];
    i64 times[4] = {seconds ? seconds[0] : 0, 0, seconds ? seconds[1] : 0, 0};
    return set_times(AT_FDCWD, PATH(0), seconds ? times : NULL, 0);
}
i64 attribute_utimes(const struct call *call) {
    return set_times_us(AT_FDCWD, PATH(0), (const i64 *)call->arg[1]);
}
i64 attribute_futimesat(const struct call *call) {
    return set_times_us(FD(0), PATH(1), (const i64 *)call->arg[2]);
}
i64 attribute_utimensat(const struct call *call) {
    return set_times(FD(0), PATH(1), (const i64 *)call->arg[2], FD(3));
}

static int is_change(const struct call *call) {
    return call->number == __NR_setxattr || call->number == __NR_lsetxattr ||
           call->number == __NR_removexattr || call->number == __NR_lremovexattr;
}

/* Whether an attribute does not exist in containers: labels of SELinux, and access lists, which
   ls(1) asks for with each file until it is told so. */
static int is_absent(const struct call *call) {
    const char *name = (const char *)call->arg[1];
    if (call->number == __NR_listxattr || call->number == __NR_llistxattr || (u64)name < PAGE)
        return 0;
    return text_equal(name, "security.selinux") || text_starts(name, "system.posix_acl_");
}

static i64 succeed_at(const char *path, int no_follow) {
    i64 fd = resolve_look(AT_FDCWD, path, no_follow);
    return fd < 0 ? fd : close_with(fd, 0);
}

#define BY_LINK_OF(call)                                                                           \
    SYS((call)->number, link, (call)->arg[1], (call)->arg[2], (call)->arg[3], (call)->arg[4])

i64 attribute_xattr(const struct call *call) {
    char link[FD_PATH];
    if (is_absent(call))
        return -EOPNOTSUPP;
    if (is_change(call) && is_capability(call))
        return succeed_at(PATH(0), 0);
    if (is_change(call))
        return BY_PATH(AT_FDCWD, PATH(0), 0, BY_LINK_OF(call));
    i64 fd = resolve_look(AT_FDCWD, PATH(0), 0);
    return fd < 0 ? fd : close_with(fd, (text_fd_path(link, fd), BY_LINK_OF(call)));
}

i64 attribute_lxattr(const struct call *call) {
    char link[FD_PATH + NAME_MAX + 2];
    struct place place;
    if (is_absent(call))
        return -EOPNOTSUPP;
    if (is_change(call) && is_capability(call))
        return succeed_at(PATH(0), 1);
    i64 result = is_change(call) ? BY_PATH(AT_FDCWD, PATH(0), 1, 0) : 0;
    if (result == 0)
        result = place_find(AT_FDCWD, PATH(0), &place);
    if (result == -EEXIST)
        return attribute_xattr(call); /* the root is not a link */
    if (result < 0)
        return result;
    const char *path = place.name;
    if (place.opened) {
        text_fd_path(link, place.fd);
        text_put(text_put(link + text_length(link), "/"), place.name);
        path = link;
    }
    return place_leave(
        &place, SYS(call->number, path, call->arg[1], call->arg[2], call->arg[3], call->arg[4]));
}
