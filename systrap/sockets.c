#include "sockets.h"
#include "config.h"
#include "paths.h"
#include "resolve.h"
#include "text.h"
#include <sys/socket.h>
#include <sys/un.h>

enum { INET_LEAST = 16, INET_MOST = 28, LOOPBACK = 127 };

/* What sockaddr_in and sockaddr_in6 have in common; the port's bytes are swapped. */
struct inet {
    u16 family, port;
    u8 address[4];
};

static u16 swap(u16 port) { return (u16)(port << 8 | port >> 8); }

static u16 host_port(u16 port) {
    for (int at = 0; at < config.port_count; at++)
        if (config.ports[at].guest == port)
            return config.ports[at].host;
    return port;
}

static u16 guest_port(u16 port) {
    for (int at = 0; at < config.port_count; at++)
        if (config.ports[at].host == port)
            return config.ports[at].guest;
    return port;
}

/* bind(2), connect(2) or sendto(2) with another address. */
static i64 send_on(const struct call *call, const void *address, u64 length) {
    if (call->number == __NR_sendto)
        return SYS(__NR_sendto, call->arg[0], call->arg[1], call->arg[2], call->arg[3], address,
                   length);
    return SYS(call->number, call->arg[0], address, length);
}

static int is_inet(const void *address, u64 length) {
    u16 family = *(const u16 *)address;
    return config.port_count && length >= INET_LEAST && length <= INET_MOST &&
           (family == AF_INET || family == AF_INET6);
}

/* Whether an address is the container's: what it connects to is not always here. */
static int is_local(const struct inet *inet) {
    return inet->family == AF_INET6 || inet->address[0] == LOOPBACK ||
           !(inet->address[0] | inet->address[1] | inet->address[2] | inet->address[3]);
}

static i64 with_port(const struct call *call, const void *address, u64 length) {
    u8 copy[INET_MOST];
    memcpy(copy, address, length);
    struct inet *inet = (struct inet *)copy;
    if (call->number == __NR_bind || is_local(inet))
        inet->port = swap(host_port(swap(inet->port)));
    return send_on(call, copy, length);
}

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

i64 socket_connect(const struct call *call) {
    int by_sendto = call->number == __NR_sendto;
    const void *address = (const void *)call->arg[by_sendto ? 4 : 1];
    u64 length = call->arg[by_sendto ? 5 : 2];
    char path[sizeof(struct sockaddr_un)];
    if (length < sizeof(u16))
        return send_on(call, address, length);
    if (is_inet(address, length))
        return with_port(call, address, length);
    if (!unix_path(address, length, path))
        return send_on(call, address, length);
    i64 fd = resolve_look(AT_FDCWD, path, 0);
    if (fd < 0)
        return fd;
    struct sockaddr_un host = {.sun_family = AF_UNIX};
    text_fd_path(host.sun_path, fd);
    return close_with(fd, send_on(call, &host, unix_length(&host)));
}
i64 socket_sendto(const struct call *call) { return socket_connect(call); }

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
        return with_port(call, address, call->arg[2]);
    if (!unix_path(address, call->arg[2], path))
        return send_on(call, address, call->arg[2]);
    i64 found = place_find_writable(AT_FDCWD, path, &place);
    if (found < 0)
        return found == -EEXIST ? -EADDRINUSE : found;
    if (!place.opened)
        return send_on(call, address, call->arg[2]);
    return place_leave(&place, bind_at(call, &place));
}

/* getsockname(2), getpeername(2) */
i64 socket_getname(const struct call *call) {
    struct sockaddr_un *address = (struct sockaddr_un *)call->arg[1];
    u32 *length = (u32 *)call->arg[2];
    u32 room = length ? *length : 0;
    i64 result = SYS(call->number, call->arg[0], address, length);
    if (result < 0 || *length > room || *length < INET_LEAST)
        return result;
    if (is_inet(address, *length)) {
        struct inet *inet = (struct inet *)address;
        inet->port = swap(guest_port(swap(inet->port)));
    } else if (address->sun_family == AF_UNIX && text_starts(address->sun_path, config.root) &&
               address->sun_path[config.root_length] == '/') {
        u32 rest = *length - (u32)offsetof(struct sockaddr_un, sun_path) - (u32)config.root_length;
        memmove(address->sun_path, address->sun_path + config.root_length, rest);
        *length -= (u32)config.root_length;
    }
    return result;
}
