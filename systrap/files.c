#include "files.h"
#include "broker.h"
#include "config.h"
#include "identity.h"
#include "memory.h"
#include "paths.h"
#include "resolve.h"
#include "text.h"
#include <linux/magic.h>
#include <linux/openat2.h>
#include <linux/stat.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>

/* --- open(2) */

/* What openat(2) ignores and openat2(2) refuses. */
static u64 known_flags(u64 flags) {
    static const u64 known = O_ACCMODE | O_CREAT | O_EXCL | O_NOCTTY | O_TRUNC | O_APPEND |
                             O_NONBLOCK | O_SYNC | FASYNC | O_DIRECT | O_DIRECTORY | O_NOFOLLOW |
                             O_NOATIME | O_CLOEXEC | O_PATH | O_TMPFILE;
    flags &= known;
    if (flags & O_PATH)
        return flags & (O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    return flags | 0100000; /* O_LARGEFILE */
}

/* Open a file, where the border refuses by the shim: again if the file has moved meanwhile. */
static i64 open_or_ask(int folder, const char *path, u64 flags, u64 mode) {
    for (int turn = 0; turn < BROKER_TURNS; turn++) {
        i64 result = resolve_open(folder, path, flags, mode);
        if (result == -EACCES && resolve_writes(flags) && resolve_is_read_only(folder, path))
            return -EROFS; /* which the border has refused */
        if (result == -EACCES)
            result = broker_open(folder, path, flags);
        if (result != -ESTALE)
            return result;
    }
    return -ENOENT;
}

static i64 open_file(int folder, const char *path, u64 flags, u64 mode) {
    flags = known_flags(flags);
    mode = flags & (O_CREAT | (O_TMPFILE & ~O_DIRECTORY)) ? mode & 07777 : 0;
    i64 result = open_or_ask(folder, path, flags, mode);
    return result != -EACCES ? result : identity_open(folder, path, flags, mode);
}

i64 file_open(const struct call *call) {
    return open_file(AT_FDCWD, PATH(0), call->arg[1], call->arg[2]);
}
i64 file_openat(const struct call *call) {
    return open_file(FD(0), PATH(1), call->arg[2], call->arg[3]);
}
i64 file_creat(const struct call *call) {
    return open_file(AT_FDCWD, PATH(0), O_CREAT | O_WRONLY | O_TRUNC, call->arg[1]);
}
i64 file_openat2(const struct call *call) {
    const struct open_how *how = (const struct open_how *)call->arg[2];
    if (call->arg[3] < sizeof *how)
        return -EINVAL;
    if (how->resolve & (RESOLVE_BENEATH | RESOLVE_IN_ROOT)) /* relative, and stays below */
        return SYS(__NR_openat2, FD(0), PATH(1), how, call->arg[3]);
    return open_or_ask(FD(0), PATH(1), how->flags, how->mode);
}

/* --- stat(2), statx(2) */

static i64 stat_at(int folder, const char *path, struct stat *status, int flags) {
    if (!*path)
        return identity_of_stat(SYS(__NR_newfstatat, folder, path, status, flags), status);
    if (path_is_name(&config, path)) {
        i64 result = SYS(__NR_newfstatat, folder, path, status, flags | AT_SYMLINK_NOFOLLOW);
        int is_final = result < 0 || (flags & AT_SYMLINK_NOFOLLOW) || !S_ISLNK(status->st_mode);
        if (is_final && result != -EACCES)
            return identity_of_stat(result, status);
    }
    i64 fd = resolve_look(folder, path, flags & AT_SYMLINK_NOFOLLOW);
    if (fd < 0)
        return fd;
    i64 result = SYS(__NR_newfstatat, fd, "", status, AT_EMPTY_PATH);
    return close_with(fd, identity_of_stat(result, status));
}

i64 file_stat(const struct call *call) {
    return stat_at(AT_FDCWD, PATH(0), (struct stat *)call->arg[1], 0);
}
i64 file_lstat(const struct call *call) {
    return stat_at(AT_FDCWD, PATH(0), (struct stat *)call->arg[1], AT_SYMLINK_NOFOLLOW);
}
i64 file_fstat(const struct call *call) {
    struct stat *status = (struct stat *)call->arg[1];
    return identity_of_stat(SYS(__NR_fstat, FD(0), status), status);
}
i64 file_newfstatat(const struct call *call) {
    return stat_at(FD(0), PATH(1), (struct stat *)call->arg[2], FD(3));
}
i64 file_statx(const struct call *call) {
    const char *path = PATH(1);
    int flags = FD(2);
    struct statx *status = (struct statx *)call->arg[4];
    u32 mask = (u32)call->arg[3];
    if (!path || !*path)
        return identity_of_statx(SYS(__NR_statx, FD(0), path, flags, mask, status), status);
    if (path_is_name(&config, path)) {
        i64 result =
            SYS(__NR_statx, FD(0), path, flags | AT_SYMLINK_NOFOLLOW, mask | STATX_TYPE, status);
        int is_final = result < 0 || (flags & AT_SYMLINK_NOFOLLOW) || !S_ISLNK(status->stx_mode);
        if (is_final && result != -EACCES)
            return identity_of_statx(result, status);
    }
    i64 fd = resolve_look(FD(0), path, flags & AT_SYMLINK_NOFOLLOW);
    if (fd < 0)
        return fd;
    i64 result =
        SYS(__NR_statx, fd, "", (flags & AT_STATX_SYNC_TYPE) | AT_EMPTY_PATH, mask, status);
    return close_with(fd, identity_of_statx(result, status));
}

/* --- access(2) */

static i64 access_at(int folder, const char *path, int mode, int flags) {
    if (!*path)
        return SYS(__NR_faccessat2, folder, path, mode, flags);
    i64 fd = resolve_look(folder, path, flags & AT_SYMLINK_NOFOLLOW);
    if (fd < 0 || mode == 0)
        return fd < 0 ? fd : close_with(fd, 0);
    i64 result = SYS(__NR_faccessat2, fd, "", mode, AT_EMPTY_PATH | (flags & AT_EACCESS));
    if (result == -EACCES)
        result = identity_access((int)fd, mode);
    if (result == 0 && (mode & 2) && resolve_is_read_only(folder, path))
        result = -EROFS;
    return close_with(fd, result);
}

i64 file_access(const struct call *call) { return access_at(AT_FDCWD, PATH(0), FD(1), 0); }
i64 file_faccessat(const struct call *call) { return access_at(FD(0), PATH(1), FD(2), 0); }
i64 file_faccessat2(const struct call *call) { return access_at(FD(0), PATH(1), FD(2), FD(3)); }

/* --- readlink(2), getcwd(2), chdir(2) */

static i64 copy_text(char *to, i64 size, const char *text) {
    i64 length = text_length(text);
    length = length < size ? length : size;
    memcpy(to, text, (size_t)length);
    return length;
}

static int is_in_proc(i64 fd) {
    struct statfs status;
    return SYS(__NR_fstatfs, fd, &status) == 0 && status.f_type == PROC_SUPER_MAGIC;
}

/* Read the name of another process's program, whose path in /proc is given: it is at the same
   address, if that is one of ours. Return its length, or 0. */
static i64 other_exe(const char *path, char *to, i64 size) {
    char memory[FD_PATH], name[256];
    const char *end = path + 6;
    if (!text_number(&end) || !text_equal(end, "/exe") || end - path > 24)
        return 0;
    memcpy(memory, path, (size_t)(end - path));
    text_put(memory + (end - path), "/mem");
    i64 fd = SYS(__NR_open, memory, O_RDONLY | O_CLOEXEC, 0);
    if (fd < 0)
        return 0;
    i64 length = close_with(fd, SYS(__NR_pread64, fd, name, sizeof name - 1, resolve_exe));
    if (length <= 0 || name[0] != '/')
        return 0;
    name[length] = 0;
    return copy_text(to, size, name);
}

/* The text of a magic link in /proc, as the container sees it. */
static i64 link_to_guest(char *text, i64 length, i64 size) {
    if (length <= 0 || length >= size || length >= PATH_MAX || text[0] != '/')
        return length;
    char after = text[length];
    i64 result = path_to_guest(&config, text, length);
    if (result == length)
        text[length] = after;
    else if (text_equal(text, config.self))
        return copy_text(text, size, resolve_exe);
    return result;
}

static i64 readlink_at(int folder, const char *path, char *to, i64 size) {
    if (size <= 0)
        return -EINVAL;
    if (text_starts(path, "/proc/")) {
        if (path_is_own_exe(path, SYS(__NR_getpid)))
            return copy_text(to, size, resolve_exe);
        i64 other = other_exe(path, to, size);
        if (other)
            return other;
    }
    if (!*path)
        return SYS(__NR_readlinkat, folder, path, to, size);
    i64 fd = resolve_look(folder, path, 1);
    if (fd < 0)
        return fd;
    i64 length = SYS(__NR_readlinkat, fd, "", to, size);
    if (length == -ENOENT)
        length = -EINVAL; /* not a link */
    if (length > 0 && to[0] == '/' && is_in_proc(fd)) {
        if (length == text_length(config.self) && length < size) {
            to[length] = 0;
            if (text_equal(to, config.self))
                return close_with(fd, copy_text(to, size, resolve_exe));
        }
        length = link_to_guest(to, length, size);
    }
    return close_with(fd, length);
}

i64 file_readlink(const struct call *call) {
    return readlink_at(AT_FDCWD, PATH(0), (char *)call->arg[1], (int)call->arg[2]);
}
i64 file_readlinkat(const struct call *call) {
    return readlink_at(FD(0), PATH(1), (char *)call->arg[2], (int)call->arg[3]);
}

i64 file_chdir(const struct call *call) {
    i64 fd = resolve_open(AT_FDCWD, PATH(0), LOOK | O_DIRECTORY, 0);
    return fd < 0 ? fd : close_with(fd, SYS(__NR_fchdir, fd));
}

i64 file_getcwd(const struct call *call) {
    char *path = memory_get(PATH_MAX + 1);
    if (!path)
        return -ENOMEM;
    i64 length = SYS(__NR_getcwd, path, PATH_MAX);
    if (length > 0) {
        length = path_to_guest(&config, path, length - 1) + 1;
        if ((u64)length > call->arg[1])
            length = -ERANGE;
        else
            memcpy((char *)call->arg[0], path, (size_t)length);
    }
    memory_free(path, PATH_MAX + 1);
    return length;
}

/* --- calls on a name in a folder: mkdir(2), unlink(2), mknod(2), symlink(2) */

/* Make CALL, which changes what is in the folder of `place`. */
#define CHANGE_AT(folder, path, CALL) AT_PLACE(folder, path, IN_FOLDER(place.fd, CALL))

static i64 mkdir_at(int folder, const char *path, u64 mode) {
    return CHANGE_AT(folder, path, SYS(__NR_mkdirat, place.fd, place.name, mode));
}
i64 file_mkdir(const struct call *call) { return mkdir_at(AT_FDCWD, PATH(0), call->arg[1]); }
i64 file_mkdirat(const struct call *call) { return mkdir_at(FD(0), PATH(1), call->arg[2]); }

static i64 unlink_at(int folder, const char *path, u64 flags) {
    if (!(flags & AT_REMOVEDIR) && path_is_folder(path)) { /* the kernel would say so too */
        i64 fd = resolve_open(folder, path, LOOK | O_DIRECTORY, 0);
        return fd < 0 ? fd : close_with(fd, -EISDIR);
    }
    i64 result = CHANGE_AT(
        folder, path,
        place_is_mount(&place) ? -EBUSY : SYS(__NR_unlinkat, place.fd, place.name, flags));
    return result == -EEXIST ? -EBUSY : result; /* the root */
}
i64 file_rmdir(const struct call *call) { return unlink_at(AT_FDCWD, PATH(0), AT_REMOVEDIR); }
i64 file_unlink(const struct call *call) { return unlink_at(AT_FDCWD, PATH(0), 0); }
i64 file_unlinkat(const struct call *call) { return unlink_at(FD(0), PATH(1), call->arg[2]); }

static i64 mknod_at(int folder, const char *path, u64 mode, u64 device) {
    if (S_ISBLK(mode) || S_ISCHR(mode))
        return 0; /* appears to succeed, as chown does */
    return CHANGE_AT(folder, path, SYS(__NR_mknodat, place.fd, place.name, mode, device));
}
i64 file_mknod(const struct call *call) {
    return mknod_at(AT_FDCWD, PATH(0), call->arg[1], call->arg[2]);
}
i64 file_mknodat(const struct call *call) {
    return mknod_at(FD(0), PATH(1), call->arg[2], call->arg[3]);
}

static i64 symlink_at(const char *target, int folder, const char *path) {
    return CHANGE_AT(folder, path, SYS(__NR_symlinkat, target, place.fd, place.name));
}
i64 file_symlink(const struct call *call) { return symlink_at(PATH(0), AT_FDCWD, PATH(1)); }
i64 file_symlinkat(const struct call *call) { return symlink_at(PATH(0), FD(1), PATH(2)); }

/* --- rename(2), link(2) */

/* Rename a place to another one, where the border refuses by the shim. */
static i64 rename_place(const struct place *from, const struct place *to, u64 flags) {
    if (place_is_mount(from) || place_is_mount(to))
        return -EBUSY;
    if (place_is_far(from, to))
        return -EXDEV;
    i64 result = SYS(__NR_renameat2, from->fd, from->name, to->fd, to->name, flags);
    return result == -EXDEV && !flags ? broker_move(BROKER_RENAME, from, to) : result;
}

static i64 rename_at(int from, const char *old, int to, const char *new, u64 flags) {
    struct place source;
    i64 result = place_find_writable(from, old, &source);
    if (result < 0)
        return result == -EEXIST ? -EBUSY : result;
    result = CHANGE_AT(to, new, IN_FOLDER(source.fd, rename_place(&source, &place, flags)));
    return place_leave(&source, result);
}
i64 file_rename(const struct call *call) {
    return rename_at(AT_FDCWD, PATH(0), AT_FDCWD, PATH(1), 0);
}
i64 file_renameat(const struct call *call) { return rename_at(FD(0), PATH(1), FD(2), PATH(3), 0); }
i64 file_renameat2(const struct call *call) {
    return rename_at(FD(0), PATH(1), FD(2), PATH(3), call->arg[4]);
}

static i64 link_place(const struct place *from, const struct place *to, u64 flags) {
    if (place_is_far(from, to))
        return -EXDEV;
    i64 result = SYS(__NR_linkat, from->fd, from->name, to->fd, to->name, flags);
    return result == -EXDEV ? broker_move(BROKER_LINK, from, to) : result;
}

static i64 link_at(int from, const char *old, int to, const char *new, u64 flags) {
    if (!*old)
        return CHANGE_AT(to, new, SYS(__NR_linkat, from, old, place.fd, place.name, flags));
    if (flags & AT_SYMLINK_FOLLOW) { /* by the descriptor's link, see open(2) on O_TMPFILE */
        char link[FD_PATH];
        i64 fd = resolve_look(from, old, 0);
        if (fd < 0)
            return fd;
        const char *source = text_starts(old, "/proc/") ? old : text_fd_path(link, fd);
        return close_with(fd, CHANGE_AT(to, new,
                                        SYS(__NR_linkat, AT_FDCWD, source, place.fd, place.name,
                                           AT_SYMLINK_FOLLOW)));
    }
    struct place source;
    i64 result = place_find(from, old, &source);
    if (result < 0)
        return result == -EEXIST ? -EPERM : result;
    result = CHANGE_AT(to, new, link_place(&source, &place, flags));
    return place_leave(&source, result);
}
i64 file_link(const struct call *call) { return link_at(AT_FDCWD, PATH(0), AT_FDCWD, PATH(1), 0); }
i64 file_linkat(const struct call *call) {
    return link_at(FD(0), PATH(1), FD(2), PATH(3), call->arg[4]);
}

/* --- inotify(7), truncate(2), statfs(2), chroot(2), close_range(2) */

/* An image's file becomes the container's own: a watch of it would report other containers, and not
   what is written to a copy later. */
i64 file_inotify_add_watch(const struct call *call) {
    static const u64 dont_follow = 0x02000000; /* IN_DONT_FOLLOW */
    char link[FD_PATH];
    int no_follow = (call->arg[2] & dont_follow) != 0;
    i64 fd = broker_look(AT_FDCWD, PATH(1), no_follow);
    if (fd < 0)
        fd = resolve_look(AT_FDCWD, PATH(1), no_follow);
    if (fd < 0)
        return fd;
    return close_with(fd, SYS(__NR_inotify_add_watch, FD(0), text_fd_path(link, fd),
                              call->arg[2] & ~dont_follow));
}

i64 file_truncate(const struct call *call) {
    i64 fd = open_file(AT_FDCWD, PATH(0), O_WRONLY | O_CLOEXEC, 0);
    return fd < 0 ? fd : close_with(fd, SYS(__NR_ftruncate, fd, call->arg[1]));
}

i64 file_statfs(const struct call *call) {
    struct statfs *status = (struct statfs *)call->arg[1];
    i64 fd = resolve_look(AT_FDCWD, PATH(0), 0);
    if (fd < 0)
        return fd;
    i64 result = SYS(__NR_fstatfs, fd, status);
    if (result == 0 && resolve_is_read_only((int)fd, ""))
        status->f_flags |= ST_RDONLY;
    return close_with(fd, result);
}

/* Binds are left behind, as they are not below the new root: but if it is the old one, as for those
   who only want to become another user by chroot(1). */
i64 file_chroot(const struct call *call) {
    static char root[PATH_MAX];
    char link[FD_PATH];
    if (config.user_ids[EFFECTIVE])
        return -EPERM;
    i64 fd = resolve_open(AT_FDCWD, PATH(0), LOOK | O_DIRECTORY, 0);
    if (fd < 0)
        return fd;
    char *path = memory_get(PATH_MAX);
    if (!path)
        return close_with(fd, -ENOMEM);
    i64 result = SYS(__NR_readlink, text_fd_path(link, fd), path, PATH_MAX - 1);
    int is_other = result >= 0 && !text_equal(path, config.root);
    if (is_other && (result = SYS(__NR_dup2, fd, ROOT_FD)) >= 0) {
        text_put(root, path);
        config.root = root;
        config.root_length = text_length(path);
        config.bind_count = config.name_count = 0;
    }
    memory_free(path, PATH_MAX);
    return close_with(fd, result < 0 ? result : 0);
}

/* Close a range but for the descriptors of root and binds. */
i64 file_close_range(const struct call *call) {
    static const u64 known_range_flags = 6; /* CLOSE_RANGE_UNSHARE, CLOSE_RANGE_CLOEXEC */
    u64 first = (u32)call->arg[0], last = (u32)call->arg[1], flags = call->arg[2];
    u64 behind = 1 + config_last_fd();
    if (flags & ~known_range_flags || first > last)
        return -EINVAL;
    i64 result = 0;
    if (first < ROOT_FD)
        result = SYS(__NR_close_range, first, last < ROOT_FD ? last : ROOT_FD - 1, flags);
    if (result == 0 && last >= behind)
        result = SYS(__NR_close_range, first > behind ? first : behind, last, flags);
    return result;
}

/* dup2(2) onto a descriptor of ours. */
i64 file_reserved(const struct call *call) {
    (void)call;
    return -EBADF;
}
