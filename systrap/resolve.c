#include "resolve.h"
#include "config.h"
#include "identity.h"
#include "memory.h"
#include "mounts.h"
#include "paths.h"
#include "text.h"
#include <linux/openat2.h>

enum { MOST_LINKS = 40, MOST_TRIES = 64 };

char resolve_exe[PATH_MAX];

/* Buffers of one look-up: of the heap, as a thread's stack may be small. */
struct walk {
    char rest[2 * PATH_MAX], moved[2 * PATH_MAX], link[PATH_MAX], full[2 * PATH_MAX];
    char path[PATH_MAX + 1]; /* what is resolved so far */
};

/* The kernel asks to try again if a folder was renamed meanwhile. */
static i64 open_at(int folder, const char *path, u64 flags, u64 mode, u64 resolve) {
    struct open_how how = {flags, mode, resolve};
    i64 result;
    int tries = 0;
    do
        result = SYS(__NR_openat2, folder, path, &how, sizeof how);
    while (result == -EAGAIN && resolve && tries++ < MOST_TRIES);
    return result;
}

/* Read a folder's path, as the container sees it. Return its length. */
static i64 folder_path(int folder, char *path) {
    char link[FD_PATH];
    i64 length;
    if (folder == AT_FDCWD) {
        length = SYS(__NR_getcwd, path, PATH_MAX);
        length -= length > 0;
    } else {
        text_fd_path(link, folder);
        length = SYS(__NR_readlink, link, path, PATH_MAX - 1);
        if (length == -ENOENT)
            return -EBADF;
    }
    if (length < 0)
        return length;
    return path[0] == '/' ? path_to_guest(&config, path, length) : -ENOTDIR;
}

static const char *below_bind(const struct bind *bind, const char *path) {
    path += bind->target_length;
    while (*path == '/')
        path++;
    return path;
}

static i64 read_link(const struct walk *walk, char *link) {
    const struct bind *bind = path_bind(&config, walk->path);
    if (!bind)
        return SYS(__NR_readlinkat, ROOT_FD, walk->path + 1, link, PATH_MAX - 1);
    const char *rest = below_bind(bind, walk->path);
    return *rest ? SYS(__NR_readlinkat, bind->fd, rest, link, PATH_MAX - 1) : -EINVAL;
}

/* Continue a walk in the target of the link at its end, which began at `before`. */
static i64 follow(struct walk *walk, const char **rest, i64 before, i64 length, i64 link_length) {
    i64 rest_length = text_length(*rest);
    if (link_length + rest_length >= PATH_MAX)
        return -ENAMETOOLONG;
    memmove(walk->moved, *rest, (size_t)rest_length + 1);
    memcpy(walk->rest, walk->link, (size_t)link_length);
    memcpy(walk->rest + link_length, walk->moved, (size_t)rest_length + 1);
    *rest = walk->rest;
    length = walk->rest[0] == '/' ? 0 : before;
    walk->path[length] = 0;
    return length;
}

/* Resolve walk->full name by name, as links may lead into binds. The result, walk->path, has no
   links except for its last name if they are not to be followed. Return a negative error. */
static i64 walk_names(struct walk *walk, int no_follow) {
    const char *rest = walk->rest;
    i64 length = 0;
    int links = 0;
    if (text_length(walk->full) >= PATH_MAX)
        return -ENAMETOOLONG;
    text_put(walk->rest, walk->full);
    walk->path[0] = 0;
    for (;;) {
        while (*rest == '/')
            rest++;
        if (!*rest)
            break;
        i64 size = 0;
        while (rest[size] && rest[size] != '/')
            size++;
        if (size == 1 && rest[0] == '.') {
            rest += size;
            continue;
        }
        if (size == 2 && rest[0] == '.' && rest[1] == '.') {
            while (length && walk->path[length - 1] != '/')
                length--;
            length -= length > 0;
            walk->path[length] = 0;
            rest += size;
            continue;
        }
        if (length + size + 2 > PATH_MAX)
            return -ENAMETOOLONG;
        i64 before = length;
        walk->path[length++] = '/';
        memcpy(walk->path + length, rest, (size_t)size);
        length += size;
        walk->path[length] = 0;
        rest += size;
        if (no_follow && !*rest)
            break;
        const struct bind *bind = path_bind(&config, walk->path);
        if (bind && bind->kind == HOST) {
            if (path_has_dots(rest))
                continue;
            if (length + text_length(rest) >= PATH_MAX)
                return -ENAMETOOLONG;
            text_put(walk->path + length, rest); /* the kernel resolves the rest */
            return 0;
        }
        i64 link_length = read_link(walk, walk->link);
        if (link_length < 0)
            continue; /* not a link, or missing: opening it tells */
        if (++links > MOST_LINKS)
            return -ELOOP;
        length = follow(walk, &rest, before, length, link_length);
        if (length < 0)
            return length;
    }
    if (!length)
        text_put(walk->path, "/");
    else if (rest > walk->rest && rest[-1] == '/' && length + 1 < PATH_MAX)
        text_put(walk->path + length, "/"); /* it must be a folder */
    return 0;
}

/* Open in a bind: the kernel follows links only where the host's paths are the container's. */
static i64 open_bind(const struct bind *bind, const char *path, u64 flags, u64 mode, u64 resolve) {
    if (bind->kind == HOST) {
        if (path_is_audit(path))
            return -ENOENT; /* pam_loginuid(8) ends a session where it may not write there */
        if (!(flags & O_NOFOLLOW) && path_is_own_exe(path, SYS(__NR_getpid)))
            return resolve_open(AT_FDCWD, resolve_exe, flags, mode);
        enum mounts_format format = mounts_format(path);
        if (format != NO_MOUNTS && !(flags & O_PATH) && !resolve_writes(flags))
            return mounts_open(format, flags);
        return open_at(AT_FDCWD, path, flags, mode, 0);
    }
    const char *rest = below_bind(bind, path);
    return *rest ? open_at(bind->fd, rest, flags, mode, resolve)
                 : open_at(AT_FDCWD, bind->source, flags, mode, 0);
}

static int is_read_only(const char *path) {
    const struct bind *bind = path_bind(&config, path);
    return bind ? bind->kind == READ_ONLY : config.read_only;
}

int resolve_writes(u64 flags) {
    return !(flags & O_PATH) && (flags & (O_ACCMODE | O_CREAT | O_TRUNC)) != O_RDONLY;
}

static i64 open_walked(const char *path, u64 flags, u64 mode) {
    const struct bind *bind = path_bind(&config, path);
    if (resolve_writes(flags) && is_read_only(path))
        return -EROFS;
    return bind ? open_bind(bind, path, flags, mode, RESOLVE_BENEATH)
                : open_at(ROOT_FD, path, flags, mode, RESOLVE_IN_ROOT);
}

/* Write the absolute path that is meant into walk->full. */
static i64 make_absolute(struct walk *walk, int folder, const char *path) {
    i64 length = 0;
    if (*path != '/') {
        length = folder_path(folder, walk->full);
        if (length < 0)
            return length;
        walk->full[length++] = '/';
    }
    if (length + text_length(path) >= PATH_MAX)
        return -ENAMETOOLONG;
    text_put(walk->full + length, path);
    return 0;
}

static i64 open_by_walk(int folder, const char *path, u64 flags, u64 mode) {
    struct walk *walk = memory_get(sizeof *walk);
    if (!walk)
        return -ENOMEM;
    int exclusive = (flags & (O_CREAT | O_EXCL)) == (O_CREAT | O_EXCL);
    i64 result = make_absolute(walk, folder, path);
    if (result == 0)
        result = walk_names(walk, (flags & O_NOFOLLOW) || exclusive);
    if (result == 0)
        result = open_walked(walk->path, flags, mode);
    memory_free(walk, sizeof *walk);
    if (result == -ENAMETOOLONG && text_equal(path, "..")) /* so deep that it is in the root */
        return open_at(folder, path, flags, mode, RESOLVE_NO_SYMLINKS);
    return result;
}

i64 resolve_directly(int folder, const char *path, u64 flags, u64 mode) {
    i64 result;
    if (*path == '/') {
        if (path_has_dots(path))
            return open_by_walk(folder, path, flags, mode);
        const struct bind *bind = path_bind(&config, path);
        if (resolve_writes(flags) && is_read_only(path))
            return -EROFS;
        result = bind ? open_bind(bind, path, flags, mode, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS)
                      : open_at(ROOT_FD, path, flags, mode, RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS);
        if (bind && bind->kind == HOST)
            return result;
    } else {
        if (path_needs_walk(&config, path) || mounts_is_name(path))
            return open_by_walk(folder, path, flags, mode);
        result = open_at(folder, path, flags, mode, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);
    }
    /* a link on the way, or a way up, may lead into a bind */
    return result == -ELOOP || result == -EXDEV ? open_by_walk(folder, path, flags, mode) : result;
}

i64 resolve_open(int folder, const char *path, u64 flags, u64 mode) {
    if (!*path)
        return -ENOENT;
    i64 result = resolve_directly(folder, path, flags, mode);
    return result == -EACCES ? identity_through(folder, path, flags, mode) : result;
}

i64 resolve_look(int folder, const char *path, int no_follow) {
    return resolve_open(folder, path, LOOK | (no_follow ? O_NOFOLLOW : 0), 0);
}

int resolve_is_read_only(int folder, const char *path) {
    int any = config.read_only;
    for (int at = 0; at < config.bind_count; at++)
        any |= config.binds[at].kind == READ_ONLY;
    if (!any || *path == '/')
        return any && is_read_only(path);
    char *start = memory_get(PATH_MAX + 1);
    int result = start && folder_path(folder, start) >= 0 && is_read_only(start);
    if (start)
        memory_free(start, PATH_MAX + 1);
    return result;
}

i64 place_find(int folder, const char *path, struct place *place) {
    place->opened = 0;
    if (!*path)
        return -ENOENT;
    if (path_is_name(&config, path)) {
        place->fd = folder;
        place->name = path;
        return 0;
    }
    i64 name, name_length;
    i64 length = path_split(path, &name, &name_length);
    if (name_length == 0)
        return -EEXIST; /* the root */
    if (name_length > NAME_MAX || length >= PATH_MAX)
        return -ENAMETOOLONG;
    memcpy(place->copy, path + name, (size_t)name_length);
    place->copy[name_length] = 0;
    place->name = place->copy;
    char parent[length + 2];
    memcpy(parent, path, (size_t)length);
    parent[length] = 0;
    i64 fd = resolve_open(folder, length ? parent : ".", LOOK | O_DIRECTORY, 0);
    if (fd < 0)
        return fd;
    place->fd = (int)fd;
    place->opened = 1;
    return 0;
}

/* The bind in which `name` of a folder is, or is itself if `whole`; NULL for none. */
static const struct bind *bind_of(int folder, const char *name, int whole) {
    char *path = memory_get(2 * PATH_MAX);
    i64 length = path ? folder_path(folder, path) : -ENOMEM;
    const struct bind *bind = NULL;
    if (length > 0) {
        text_put(text_put(path + (length > 1 ? length : 0), "/"), name);
        bind = path_bind(&config, path);
        if (bind && whole && !text_equal(path, bind->target))
            bind = NULL;
    }
    if (path)
        memory_free(path, 2 * PATH_MAX);
    return bind;
}

int place_is_mount(const struct place *place) {
    return place->opened && path_needs_walk(&config, place->name) &&
           bind_of(place->fd, place->name, 1);
}

/* Whether both are the same folder: most files are renamed in theirs. */
static int is_same(int folder, int other) {
    struct stat one, two;
    return folder == other || (SYS(__NR_newfstatat, folder, "", &one, AT_EMPTY_PATH) == 0 &&
                               SYS(__NR_newfstatat, other, "", &two, AT_EMPTY_PATH) == 0 &&
                               one.st_ino == two.st_ino && one.st_dev == two.st_dev);
}

int place_is_far(const struct place *place, const struct place *other) {
    return !is_same(place->fd, other->fd) &&
           bind_of(place->fd, place->name, 0) != bind_of(other->fd, other->name, 0);
}

i64 place_find_writable(int folder, const char *path, struct place *place) {
    return resolve_is_read_only(folder, path) ? -EROFS : place_find(folder, path, place);
}

i64 place_leave(const struct place *place, i64 result) {
    return place->opened ? close_with(place->fd, result) : result;
}
