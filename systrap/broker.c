#include "broker.h"
#include "config.h"
#include "memory.h"
#include "resolve.h"
#include "text.h"
#include <sys/socket.h>

enum { MOST_FDS = 3 };

/* Room for descriptors, see cmsg(3). */
union control {
    struct cmsghdr header;
    u8 bytes[CMSG_SPACE(MOST_FDS * sizeof(int))];
};

/* A request: bytes, and descriptors of which the first one is where to answer. */
struct request {
    void *bytes;
    u64 size;
    int fds[MOST_FDS];
    u64 count;
};

static i64 send_request(const struct request *request) {
    u64 size = request->count * sizeof(int);
    union control control = {.header = {CMSG_LEN(size), SOL_SOCKET, SCM_RIGHTS}};
    struct iovec part = {request->bytes, request->size};
    struct msghdr message = {
        .msg_iov = &part,
        .msg_iovlen = 1,
        .msg_control = &control,
        .msg_controllen = CMSG_SPACE(size),
    };
    memcpy(CMSG_DATA(&control.header), request->fds, size);
    i64 result;
    do
        result = SYS(__NR_sendmsg, config.files_fd, &message, MSG_NOSIGNAL);
    while (result == -EINTR);
    return result;
}

/* Receive an answer: a descriptor, or a negative error number. */
static i64 receive_answer(i64 from) {
    i64 error = 0, result;
    int fd;
    union control control;
    struct iovec part = {&error, sizeof error};
    struct msghdr message = {
        .msg_iov = &part,
        .msg_iovlen = 1,
        .msg_control = &control,
        .msg_controllen = sizeof control,
    };
    do /* what was asked is done: no signal may undo it */
        result = SYS(__NR_recvmsg, from, &message, MSG_CMSG_CLOEXEC);
    while (result == -EINTR);
    if (result < 0 || error < 0)
        return result < 0 ? result : error;
    if (message.msg_flags & MSG_CTRUNC)
        return -EMFILE;
    if (result != sizeof error || message.msg_controllen < CMSG_LEN(sizeof fd))
        return -EIO; /* the shim has ended */
    memcpy(&fd, CMSG_DATA(&control.header), sizeof fd);
    return fd;
}

/* Send a request, and receive its answer. */
static i64 exchange(struct request *request) {
    int pair[2];
    i64 result = SYS(__NR_socketpair, AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair);
    if (result < 0)
        return result;
    request->fds[0] = pair[1];
    result = close_with(pair[1], send_request(request));
    return close_with(pair[0], result < 0 ? result : receive_answer(pair[0]));
}

static i64 ask(u64 flags, i64 file) {
    struct request request = {&flags, sizeof flags, {0, (int)file}, 2};
    return exchange(&request);
}

/* Open a place's folder, which need not have a descriptor. */
static i64 open_folder(const struct place *place) {
    return SYS(__NR_openat, place->fd, ".", O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
}

i64 broker_move(enum broker_act act, const struct place *from, const struct place *to) {
    struct {
        u64 act;
        char names[2][NAME_MAX + 1];
    } bytes = {.act = act};
    if (!config.files_fd)
        return -EXDEV;
    if (text_length(from->name) > NAME_MAX || text_length(to->name) > NAME_MAX)
        return -ENAMETOOLONG;
    text_put(bytes.names[0], from->name);
    text_put(bytes.names[1], to->name);
    i64 source = open_folder(from);
    if (source < 0)
        return source;
    i64 target = open_folder(to);
    if (target < 0)
        return close_with(source, target);
    struct request request = {&bytes, sizeof bytes, {0, (int)source, (int)target}, 3};
    i64 file = close_with(source, close_with(target, exchange(&request)));
    return file < 0 ? file : close_with(file, 0);
}

/* Give a descriptor the lowest number, as open(2) does. */
static i64 lowest(i64 fd, u64 flags) {
    i64 low = SYS(__NR_fcntl, fd, flags & O_CLOEXEC ? F_DUPFD_CLOEXEC : F_DUPFD, 0);
    return close_with(fd, low);
}

i64 broker_open(int folder, const char *path, u64 flags) {
    if (!config.files_fd || !resolve_writes(flags))
        return -EACCES;
    if ((flags & O_TMPFILE) == O_TMPFILE)
        return -EOPNOTSUPP;
    int exclusive = (flags & (O_CREAT | O_EXCL)) == (O_CREAT | O_EXCL);
    i64 fd = resolve_look(folder, path, (flags & O_NOFOLLOW) || exclusive);
    if (fd < 0)
        return -EACCES; /* its folder may not be written */
    i64 result = close_with(fd, ask(flags, fd));
    return result < 0 ? result : lowest(result, flags);
}

/* Whether a file has no name any more where it was opened. */
static int is_removed(i64 fd) {
    char link[FD_PATH];
    char *path = memory_get(PATH_MAX);
    i64 length = path ? SYS(__NR_readlink, text_fd_path(link, fd), path, PATH_MAX - 1) : -ENOMEM;
    if (length >= 0)
        path[length] = 0;
    int result = length < 0 || text_ends(path, " (deleted)"); /* the shim knows */
    if (path)
        memory_free(path, PATH_MAX);
    return result;
}

/* Whether a file may be an image's: then a layer has another name of it. */
static int may_be_shared(i64 fd, const struct stat *status) {
    if (!S_ISREG(status->st_mode) && !S_ISLNK(status->st_mode))
        return 0;
    return status->st_nlink > 1 || is_removed(fd);
}

i64 broker_own(i64 fd) {
    struct stat status;
    if (SYS(__NR_newfstatat, fd, "", &status, AT_EMPTY_PATH) < 0 || !status.st_nlink)
        return fd;
    if (resolve_is_read_only((int)fd, ""))
        return -EROFS;
    if (!config.files_fd || !may_be_shared(fd, &status))
        return fd;
    i64 own = -ESTALE;
    for (int turn = 0; !S_ISLNK(status.st_mode) && own == -ESTALE && turn < BROKER_TURNS; turn++)
        own = ask(O_PATH, fd);
    return own == -EXDEV ? fd : own;
}

i64 broker_look(int folder, const char *path, int no_follow) {
    i64 own = -ESTALE;
    for (int turn = 0; own == -ESTALE && turn < BROKER_TURNS; turn++) {
        i64 fd = resolve_look(folder, path, no_follow);
        if (fd < 0)
            return fd;
        own = broker_own(fd);
        if (own != fd)
            SYS(__NR_close, fd);
    }
    return own;
}
