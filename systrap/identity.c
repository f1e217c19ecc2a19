#include "identity.h"
#include "broker.h"
#include "config.h"
#include "memory.h"
#include "resolve.h"
#include "text.h"
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/utsname.h>

static int is_root(void) { return config.user_ids[EFFECTIVE] == 0; }

i64 identity_of_stat(i64 result, struct stat *status) {
    if (result < 0)
        return result;
    if (status->st_uid == config.real_uid)
        status->st_uid = config.user_ids[EFFECTIVE];
    if (status->st_gid == config.real_gid)
        status->st_gid = config.group_ids[EFFECTIVE];
    return result;
}

i64 identity_of_statx(i64 result, struct statx *status) {
    if (result < 0)
        return result;
    if (status->stx_uid == config.real_uid)
        status->stx_uid = config.user_ids[EFFECTIVE];
    if (status->stx_gid == config.real_gid)
        status->stx_gid = config.group_ids[EFFECTIVE];
    return result;
}

/* Read from another process of the container: at the same address, it has the same. */
static int read_other(u64 pid, const void *from, void *to, u64 size) {
    char path[FD_PATH];
    text_put(text_put_number(text_put(path, "/proc/"), pid), "/mem");
    i64 fd = SYS(__NR_open, path, O_RDONLY | O_CLOEXEC, 0);
    return fd >= 0 && close_with(fd, SYS(__NR_pread64, fd, to, size, from)) == (i64)size;
}

void identity_of_peer(struct ucred *peer) {
    u32 user_ids[3], group_ids[3];
    if (peer->uid != config.real_uid)
        return;
    u64 pid = (u64)peer->pid;
    int is_known = read_other(pid, config.user_ids, user_ids, sizeof user_ids) &&
                   read_other(pid, config.group_ids, group_ids, sizeof group_ids);
    peer->uid = is_known ? user_ids[EFFECTIVE] : config.user_ids[EFFECTIVE];
    peer->gid = is_known ? group_ids[EFFECTIVE] : config.group_ids[EFFECTIVE];
}

/* The mode of a file that the real user owns, or -EACCES. */
static i64 own_mode(i64 fd) {
    struct stat status;
    i64 result = SYS(__NR_newfstatat, fd, "", &status, AT_EMPTY_PATH);
    if (result < 0 || status.st_uid != config.real_uid || S_ISLNK(status.st_mode))
        return -EACCES;
    return status.st_mode;
}

static i64 set_mode(int fd, i64 mode) {
    char link[FD_PATH];
    return SYS(__NR_chmod, fd == AT_FDCWD ? "." : text_fd_path(link, fd), mode & 07777);
}

int identity_retries(struct retry *retry, i64 result) {
    enum { MOST_TURNS = 4, MAY_CHANGE = 0300 };
    if (retry->mode)
        set_mode(retry->folder, retry->mode);
    retry->mode = 0;
    if (result != -EACCES || !is_root() || retry->turns++ == MOST_TURNS)
        return 0;
    i64 mode = own_mode(retry->folder);
    if (mode < 0)
        return 0;
    if ((mode & MAY_CHANGE) == MAY_CHANGE)
        return 1; /* as another process has set it, or will take back */
    retry->mode = mode;
    set_mode(retry->folder, mode | MAY_CHANGE);
    return 1;
}

/* The folder at which a look-up has ended for its mode: what can be opened of a path. -EACCES if
   there is none. */
static i64 closed_folder(int folder, const char *path) {
    char *part = memory_get(PATH_MAX);
    i64 length = part ? text_length(path) : PATH_MAX;
    i64 fd = -EACCES;
    if (length < PATH_MAX)
        text_put(part, path);
    else
        length = 0;
    while (fd == -EACCES && length) {
        do
            length--;
        while (length && part[length] != '/');
        part[length] = 0;
        if (length)
            fd = resolve_directly(folder, part, LOOK | O_DIRECTORY, 0);
        else if (*path == '/' || folder == AT_FDCWD)
            break;
        else
            fd = SYS(__NR_fcntl, folder, F_DUPFD_CLOEXEC, 0);
    }
    if (part)
        memory_free(part, PATH_MAX);
    return fd;
}

i64 identity_through(int folder, const char *path, u64 flags, u64 mode) {
    i64 fd = is_root() ? closed_folder(folder, path) : -EACCES;
    if (fd < 0)
        return -EACCES;
    i64 before = own_mode(fd), result = -EACCES;
    if (before >= 0 && !(before & 0100) && set_mode((int)fd, before | 0100) == 0) {
        result = resolve_open(folder, path, flags, mode);
        set_mode((int)fd, before);
    }
    return close_with(fd, result);
}

static i64 open_again(int folder, const char *path, u64 flags, u64 mode) {
    i64 result = resolve_open(folder, path, flags, mode);
    if (result == -EACCES)
        result = broker_open(folder, path, flags);
    return result == -ESTALE ? -ENOENT : result;
}

/* Make a file in a folder that root may change. */
static i64 make(int folder, const char *path, u64 flags, u64 mode) {
    return AT_PLACE(folder, path, IN_FOLDER(place.fd, open_again(folder, path, flags, mode)));
}

i64 identity_open(int folder, const char *path, u64 flags, u64 mode) {
    if (!is_root())
        return -EACCES;
    i64 fd = broker_look(folder, path, 0);
    if (fd == -ENOENT && (flags & O_CREAT))
        return make(folder, path, flags, mode);
    if (fd == -EROFS && !resolve_writes(flags))
        fd = resolve_look(folder, path, 0);
    if (fd < 0)
        return -EACCES;
    i64 before = own_mode(fd);
    if (before < 0)
        return close_with(fd, -EACCES);
    set_mode((int)fd, before | 0600 | (S_ISDIR(before) ? 0100 : 0));
    i64 result = open_again(folder, path, flags, mode);
    set_mode((int)fd, before);
    return close_with(fd, result);
}

i64 identity_access(int fd, int mode) {
    i64 own = is_root() ? own_mode(fd) : -EACCES;
    if (own < 0 || ((mode & 1) && !S_ISDIR(own) && !(own & 0111)))
        return -EACCES;
    return 0;
}

i64 identity_getuid(const struct call *call) { return (void)call, config.user_ids[REAL]; }
i64 identity_geteuid(const struct call *call) { return (void)call, config.user_ids[EFFECTIVE]; }
i64 identity_getgid(const struct call *call) { return (void)call, config.group_ids[REAL]; }
i64 identity_getegid(const struct call *call) { return (void)call, config.group_ids[EFFECTIVE]; }

static i64 put_ids(const struct call *call, const u32 *ids) {
    for (int at = 0; at < 3; at++)
        *(u32 *)call->arg[at] = ids[at];
    return 0;
}
i64 identity_getresuid(const struct call *call) { return put_ids(call, config.user_ids); }
i64 identity_getresgid(const struct call *call) { return put_ids(call, config.group_ids); }

i64 identity_getgroups(const struct call *call) {
    if ((int)call->arg[0] < 0)
        return -EINVAL;
    if ((int)call->arg[0] > 0)
        *(u32 *)call->arg[1] = config.group_ids[EFFECTIVE];
    return 1;
}

static const u32 KEEP = (u32)-1;

/* Whether it was root and kept its capabilities, as setpriv(1), which changes the user first. */
static int keeps_capabilities(void) { return SYS(__NR_prctl, PR_GET_KEEPCAPS) == 1; }

/* Root may become anyone; others only who they are or were, and their groups: see setresuid(2).
   sshd(8) ends if it can restore its old group. */
static int may_become(const u32 *ids, u32 id) {
    return is_root() || id == KEEP || id == ids[REAL] || id == ids[EFFECTIVE] ||
           id == ids[SAVED] || (ids == config.group_ids && keeps_capabilities());
}

static i64 become(u32 *ids, u32 real, u32 effective, u32 saved) {
    if (!may_become(ids, real) || !may_become(ids, effective) || !may_become(ids, saved))
        return -EPERM;
    const u32 wanted[] = {real, effective, saved};
    for (int at = 0; at < 3; at++)
        if (wanted[at] != KEEP)
            ids[at] = wanted[at];
    return 0;
}

static i64 become_one(u32 *ids, u32 id) {
    return is_root() ? become(ids, id, id, id) : become(ids, KEEP, id, KEEP);
}

static i64 become_two(u32 *ids, u32 real, u32 effective) {
    u32 old_real = ids[REAL];
    i64 result = become(ids, real, effective, KEEP);
    if (result == 0 && (real != KEEP || (effective != KEEP && effective != old_real)))
        ids[SAVED] = ids[EFFECTIVE];
    return result;
}

#define ID(at) ((u32)call->arg[at])
i64 identity_setuid(const struct call *call) { return become_one(config.user_ids, ID(0)); }
i64 identity_setgid(const struct call *call) { return become_one(config.group_ids, ID(0)); }
i64 identity_setreuid(const struct call *call) { return become_two(config.user_ids, ID(0), ID(1)); }
i64 identity_setregid(const struct call *call) {
    return become_two(config.group_ids, ID(0), ID(1));
}
i64 identity_setresuid(const struct call *call) {
    return become(config.user_ids, ID(0), ID(1), ID(2));
}
i64 identity_setresgid(const struct call *call) {
    return become(config.group_ids, ID(0), ID(1), ID(2));
}
i64 identity_setfsuid(const struct call *call) { return (void)call, config.user_ids[EFFECTIVE]; }
i64 identity_setfsgid(const struct call *call) { return (void)call, config.group_ids[EFFECTIVE]; }

i64 identity_uname(const struct call *call) {
    struct utsname *names = (struct utsname *)call->arg[0];
    i64 result = SYS(__NR_uname, names);
    if (result == 0 && config.hostname[0] &&
        text_length(config.hostname) < (i64)sizeof names->nodename)
        text_put(names->nodename, config.hostname);
    return result;
}
