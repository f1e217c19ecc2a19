#include "sockets.h"
#include "addresses.h"
#include "config.h"
#include "hosts.h"
#include "identity.h"
#include "memory.h"
#include "paths.h"
#include "resolve.h"
#include "text.h"
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

/* Of sendmmsg(2) and recvmmsg(2), which may handle fewer than they were asked for. */
enum { MOST_MESSAGES = 64 };

/* bind(2), connect(2), sendto(2) or sendmsg(2) with another address. */
static i64 send_on(const struct call *call, const void *address, u64 length) {
    if (call->number == __NR_sendto)
        return SYS(__NR_sendto, call->arg[0], call->arg[1], call->arg[2], call->arg[3], address,
                   length);
    if (call->number != __NR_sendmsg)
        return SYS(call->number, call->arg[0], address, length);
    struct msghdr message = *(const struct msghdr *)call->arg[1];
    message.msg_name = (void *)address;
    message.msg_namelen = (u32)length;
    return SYS(__NR_sendmsg, call->arg[0], &message, call->arg[2]);
}

/* --- addresses of the internet: see addresses.h */

static int is_inet(const void *address, u64 length) {
    u16 family = *(const u16 *)address;
    return config.number && length >= INET_LEAST && length <= INET_MOST &&
           (family == AF_INET || family == AF_INET6);
}

/* Read an address; a static one becomes the one of the loopback that it stands for. */
static int read_inet(const void *address, u64 length, struct inet *inet) {
    if (!address_read(address, length, inet))
        return 0;
    u32 loopback = address_target(inet) == ELSEWHERE ? hosts_find(HOSTS_LOOPBACK, inet->ip) : 0;
    if (loopback)
        inet->ip = loopback;
    return 1;
}

static int option_of(u64 fd, int level, int name) {
    int value = 0;
    u32 size = sizeof value;
    SYS(__NR_getsockopt, fd, level, name, &value, &size);
    return value;
}

static void set_option(u64 fd, int level, int name, int value) {
    SYS(__NR_setsockopt, fd, level, name, &value, sizeof value);
}

/* Make the call with a translated address. */
static i64 send_inet(const struct call *call, const void *address, u64 length,
                     const struct inet *inet) {
    u8 copy[INET_MOST];
    memcpy(copy, address, length);
    address_write(copy, inet);
    return send_on(call, copy, length);
}

static i64 bind_inet(const struct call *call, const void *address, u64 length) {
    struct inet inet;
    if (!read_inet(address, length, &inet))
        return send_on(call, address, length);
    u64 fd = call->arg[0];
    int is_six = inet.family == AF_INET6;
    i64 result = address_to_bind(&inet, is_six && option_of(fd, IPPROTO_IPV6, IPV6_V6ONLY));
    if (result < 0)
        return result;
    if (is_six && inet.ip) /* it is one of IPv4 now */
        set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, 0);
    return send_inet(call, address, length, &inet);
}

/* Whether a program waits at an address of the machine. */
static int is_bound(int type, u32 ip, u16 port) {
    i64 fd = SYS(__NR_socket, AF_INET, type | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = {.sin_family = AF_INET};
    struct inet inet = {ip, port, AF_INET, 0};
    if (fd < 0)
        return 0;
    if (type == SOCK_STREAM) /* connections that have ended do not count */
        set_option((u64)fd, SOL_SOCKET, SO_REUSEADDR, 1);
    address_write(&address, &inet);
    return close_with(fd, SYS(__NR_bind, fd, &address, sizeof address)) == -EADDRINUSE;
}

/* Find the side on which a container's own program waits. */
static void find_side(struct inet *inet, int type) {
    enum side side = inet->is_six ? INSIDE_SIX : INSIDE;
    inet->port = address_machine_port(inet->port);
    inet->is_six = 0;
    while (side != OUTSIDE && !is_bound(type, address_side(side), inet->port))
        side--;
    inet->ip = address_side(side);
}

/* Connect from a side, so that others see who it is. */
static void connect_from(u64 fd, enum side side, u16 family) {
    struct sockaddr_in6 own = {.sin6_family = family};
    u32 size = sizeof own;
    struct inet inet = {address_side(side), 0, family, 0};
    if (SYS(__NR_getsockname, fd, &own, &size) < 0 || own.sin6_port)
        return; /* it is bound */
    set_option(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1);
    address_write(&own, &inet);
    SYS(__NR_bind, fd, &own, size);
}

static int may_reach(enum target target, u32 ip) {
    if (target == ITSELF || ip == address_side(OUTSIDE))
        return 1;
    return config.reach >= (target == CONTAINER ? REACH_CONTAINERS : REACH_ALL);
}

static i64 connect_inet(const struct call *call, const void *address, u64 length) {
    struct inet inet = {0};
    u64 fd = call->arg[0];
    enum side from = OUTSIDE;
    enum target target = read_inet(address, length, &inet) ? address_target(&inet) : ELSEWHERE;
    if (!may_reach(target, inet.ip))
        return -ENETUNREACH;
    if (target == ELSEWHERE)
        return send_on(call, address, length);
    int type = option_of(fd, SOL_SOCKET, SO_TYPE);
    if (target == GATEWAY)
        inet.ip = MACHINE_ADDRESS;
    else if (target == CONTAINER)
        inet.port = address_machine_port(inet.port);
    else {
        from = inet.is_six ? INSIDE_SIX : INSIDE;
        find_side(&inet, type);
    }
    if (inet.family == AF_INET6)
        set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, 0);
    if (type == SOCK_STREAM && target != GATEWAY)
        connect_from(fd, from, inet.family);
    return send_inet(call, address, length, &inet);
}

static int is_connected(u64 fd) {
    u8 address[INET_MOST];
    u32 length = sizeof address;
    return SYS(__NR_getpeername, fd, address, &length) == 0;
}

/* --- paths of unix sockets */

/* Copy the path of a unix socket, if it has one. Return whether it has. */
static int unix_path(const struct sockaddr_un *address, u64 length, char *path) {
    if (length <= offsetof(struct sockaddr_un, sun_path) || length > sizeof *address ||
        address->sun_family != AF_UNIX || !address->sun_path[0])
        return 0;
    u64 size = 0;
    for (; size < length - offsetof(struct sockaddr_un, sun_path) && address->sun_path[size];
         size++)
        path[size] = address->sun_path[size];
    path[size] = 0;
    return 1;
}

static u64 unix_length(const struct sockaddr_un *address) {
    return offsetof(struct sockaddr_un, sun_path) + (u64)text_length(address->sun_path) + 1;
}

/* connect(2), sendto(2), sendmsg(2) */
static i64 send_to(const struct call *call, const void *address, u64 length) {
    char path[sizeof(struct sockaddr_un)];
    if (length < sizeof(u16))
        return send_on(call, address, length);
    if (is_inet(address, length))
        return connect_inet(call, address, length);
    if (!unix_path(address, length, path))
        return send_on(call, address, length);
    i64 fd = resolve_look(AT_FDCWD, path, 0);
    if (fd < 0)
        return fd;
    struct sockaddr_un host = {.sun_family = AF_UNIX};
    text_fd_path(host.sun_path, fd);
    return close_with(fd, send_on(call, &host, unix_length(&host)));
}
i64 socket_connect(const struct call *call) {
    return send_to(call, (const void *)call->arg[1], call->arg[2]);
}
i64 socket_sendto(const struct call *call) {
    return send_to(call, (const void *)call->arg[4], call->arg[5]);
}
i64 socket_sendmsg(const struct call *call) {
    const struct msghdr *message = (const struct msghdr *)call->arg[1];
    if (!message || !message->msg_name)
        return SYS(__NR_sendmsg, call->arg[0], message, call->arg[2]);
    return send_to(call, message->msg_name, message->msg_namelen);
}
/* sendmmsg(2) or recvmmsg(2) without messages: the kernel says what is wrong, if anything is. */
static int has_no_messages(const struct call *call) { return !call->arg[2] || call->arg[1] < PAGE; }
static i64 unchanged(const struct call *call) {
    return SYS(call->number, call->arg[0], call->arg[1], call->arg[2], call->arg[3], call->arg[4]);
}

i64 socket_sendmmsg(const struct call *call) {
    struct mmsghdr *messages = (struct mmsghdr *)call->arg[1];
    if (has_no_messages(call))
        return unchanged(call);
    u32 sent = 0, count = (u32)call->arg[2];
    for (; sent < count && sent < MOST_MESSAGES; sent++) {
        struct call one = {
            __NR_sendmsg, {call->arg[0], (u64)&messages[sent].msg_hdr, call->arg[3]}, NULL};
        i64 result = socket_sendmsg(&one);
        if (result < 0)
            return sent ? sent : result;
        messages[sent].msg_len = (u32)result;
    }
    return sent;
}

/* Where a socket is made: the folder's path, or a shorter one by its descriptor. The name that
   getsockname(2) tells comes from it. */
static i64 bind_at(const struct call *call, const struct place *place) {
    struct sockaddr_un host = {.sun_family = AF_UNIX};
    char link[FD_PATH], folder[sizeof host.sun_path];
    text_fd_path(link, place->fd);
    i64 length = SYS(__NR_readlink, link, folder, sizeof folder);
    i64 name_length = text_length(place->name);
    char *end;
    if (length > 0 && length + 1 + name_length < (i64)sizeof host.sun_path) {
        folder[length] = 0;
        end = text_put(host.sun_path, folder);
    } else if (text_length(link) + 1 + name_length < (i64)sizeof host.sun_path)
        end = text_put(host.sun_path, link);
    else
        return -ENAMETOOLONG;
    text_put(text_put(end, "/"), place->name);
    return send_on(call, &host, unix_length(&host));
}

i64 socket_bind(const struct call *call) {
    const void *address = (const void *)call->arg[1];
    char path[sizeof(struct sockaddr_un)];
    struct place place;
    if (call->arg[2] < sizeof(u16))
        return send_on(call, address, call->arg[2]);
    if (is_inet(address, call->arg[2]))
        return bind_inet(call, address, call->arg[2]);
    if (!unix_path(address, call->arg[2], path))
        return send_on(call, address, call->arg[2]);
    i64 found = place_find_writable(AT_FDCWD, path, &place);
    if (found < 0)
        return found == -EEXIST ? -EADDRINUSE : found;
    if (!place.opened)
        return send_on(call, address, call->arg[2]);
    return place_leave(&place, IN_FOLDER(place.fd, bind_at(call, &place)));
}

/* --- addresses that the kernel tells */

static void show_inet(void *address, u32 length, u64 fd, int is_peer) {
    struct inet inet;
    if (!address_read(address, length, &inet))
        return;
    if (is_peer)
        address_of_peer(&inet);
    else
        address_of_own(&inet, is_connected(fd));
    u32 fixed = address_target(&inet) == CONTAINER ? hosts_find(HOSTS_FIXED, inet.ip) : 0;
    if (fixed)
        inet.ip = fixed;
    address_write(address, &inet);
}

/* `address` has room for its own length alone: a longer path stays the host's. */
static void show_path(struct sockaddr_un *address, u32 *length) {
    char first[sizeof(struct sockaddr_un)];
    char *path = unix_path(address, *length, first) ? memory_get(PATH_MAX) : NULL;
    if (!path)
        return;
    i64 before = text_put(path, first) - path;
    i64 after = path_to_guest(&config, path, before);
    if (after < before) {
        memcpy(address->sun_path, path, (size_t)after + 1);
        *length -= (u32)(before - after);
    }
    memory_free(path, PATH_MAX);
}

/* Show what is told in `room` bytes. */
static void show(struct sockaddr_un *address, u32 room, u32 *length, u64 fd, int is_peer) {
    if (!address || *length > room || *length < INET_LEAST)
        return;
    if (is_inet(address, *length))
        show_inet(address, *length, fd, is_peer);
    else if (address->sun_family == AF_UNIX)
        show_path(address, length);
}

/* The user who connected is one of the container's, if the kernel tells the real one: see
   SO_PEERCRED in unix(7). */
i64 socket_getsockopt(const struct call *call) {
    i64 result = SYS(__NR_getsockopt, FD(0), FD(1), FD(2), call->arg[3], call->arg[4]);
    if (result == 0 && FD(1) == SOL_SOCKET && FD(2) == SO_PEERCRED &&
        *(u32 *)call->arg[4] == sizeof(struct ucred))
        identity_of_peer((struct ucred *)call->arg[3]);
    return result;
}

/* Make a call whose arguments from `at` on are an address and its length. */
static i64 receive(const struct call *call, int at, int is_peer) {
    u32 *length = (u32 *)call->arg[at + 1];
    u32 room = length ? *length : 0;
    i64 result = SYS(call->number, call->arg[0], call->arg[1], call->arg[2], call->arg[3],
                     call->arg[4], call->arg[5]);
    if (result >= 0)
        show((struct sockaddr_un *)call->arg[at], room, length, call->arg[0], is_peer);
    return result;
}

i64 socket_getsockname(const struct call *call) { return receive(call, 1, 0); }
i64 socket_getpeername(const struct call *call) { return receive(call, 1, 1); }
i64 socket_accept(const struct call *call) { return receive(call, 1, 1); }
i64 socket_recvfrom(const struct call *call) { return receive(call, 4, 1); }
i64 socket_recvmsg(const struct call *call) {
    struct msghdr *message = (struct msghdr *)call->arg[1];
    u32 room = message ? message->msg_namelen : 0;
    i64 result = SYS(__NR_recvmsg, call->arg[0], message, call->arg[2]);
    if (result >= 0)
        show(message->msg_name, room, &message->msg_namelen, call->arg[0], 1);
    return result;
}
i64 socket_recvmmsg(const struct call *call) {
    struct mmsghdr *messages = (struct mmsghdr *)call->arg[1];
    u32 rooms[MOST_MESSAGES];
    if (has_no_messages(call))
        return unchanged(call);
    u64 count = (u32)call->arg[2] < MOST_MESSAGES ? (u32)call->arg[2] : MOST_MESSAGES;
    for (u64 at = 0; at < count; at++)
        rooms[at] = messages[at].msg_hdr.msg_namelen;
    i64 result = SYS(__NR_recvmmsg, call->arg[0], messages, count, call->arg[3], call->arg[4]);
    for (i64 at = 0; at < result; at++) {
        struct msghdr *message = &messages[at].msg_hdr;
        show(message->msg_name, rooms[at], &message->msg_namelen, call->arg[0], 1);
    }
    return result;
}
