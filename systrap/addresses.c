#include "addresses.h"
#include "config.h"
#include "text.h"
#include <netinet/in.h>
#include <sys/socket.h>

enum {
    LOOPBACK = 127,
    LEAST_PORT = 1024, /* of those that an ordinary user may bind */
    PORT_SHIFT = 1537, /* by which common ports become uncommon ones */
    PORTS = 65536 - LEAST_PORT,
};

u16 address_machine_port(u16 port) {
    u32 shifted = port + (u32)PORT_SHIFT;
    if (!port)
        return 0;
    return (u16)(shifted < LEAST_PORT + PORTS ? shifted : shifted - PORTS);
}

u16 address_guest_port(u16 port) {
    if (port < LEAST_PORT)
        return port;
    return (u16)(port > PORT_SHIFT ? port - PORT_SHIFT : port - PORT_SHIFT + PORTS);
}

static u32 swap4(u32 number) { return __builtin_bswap32(number); }
static u16 swap2(u16 number) { return __builtin_bswap16(number); }

int address_read(const void *address, u64 length, struct inet *inet) {
    const struct sockaddr_in *four = address;
    const struct sockaddr_in6 *six = address;
    if (length < INET_LEAST || length > INET_MOST)
        return 0;
    *inet = (struct inet){swap4(four->sin_addr.s_addr), swap2(four->sin_port), four->sin_family, 0};
    if (inet->family != AF_INET6)
        return inet->family == AF_INET;
    u32 words[4];
    if (length < sizeof *six)
        return 0;
    memcpy(words, &six->sin6_addr, sizeof words);
    inet->ip = swap4(words[3]);
    if (words[0] || words[1])
        return 0;
    if (words[2] || inet->ip == 0)
        return words[2] == swap4(0xffff) || !words[2];
    inet->is_six = inet->ip == 1;
    inet->ip = MACHINE_ADDRESS;
    return inet->is_six;
}

void address_write(void *address, const struct inet *inet) {
    struct sockaddr_in *four = address;
    struct sockaddr_in6 *six = address;
    four->sin_port = swap2(inet->port);
    if (inet->family == AF_INET) {
        four->sin_addr.s_addr = swap4(inet->ip);
        return;
    }
    u32 words[] = {0, 0, inet->ip && !inet->is_six ? swap4(0xffff) : 0,
                   swap4(inet->is_six ? 1 : inet->ip)};
    memcpy(&six->sin6_addr, words, sizeof words);
}

u32 address_side(enum side side) {
    return (u32)LOOPBACK << 24 | (u32)side << 16 | config.number;
}

enum target address_target(const struct inet *inet) {
    if (inet->ip == GATEWAY_ADDRESS)
        return GATEWAY;
    if (inet->ip >> 16 == address_side(OUTSIDE) >> 16)
        return CONTAINER;
    return inet->ip == 0 || inet->ip >> 24 == LOOPBACK ? ITSELF : ELSEWHERE;
}

static void move(struct inet *inet, enum side side) {
    inet->ip = address_side(side);
    inet->port = address_machine_port(inet->port);
    inet->is_six = 0;
}

/* All addresses with any port stay so: clients outside are reached from there, too. */
i64 address_to_bind(struct inet *inet, int only_six) {
    switch (address_target(inet)) {
    case ELSEWHERE: return 0;
    case GATEWAY: return -EADDRNOTAVAIL;
    case CONTAINER:
        if (inet->ip != address_side(OUTSIDE))
            return -EADDRNOTAVAIL;
        move(inet, OUTSIDE);
        return 0;
    case ITSELF:
        if (inet->ip == 0 && inet->port == 0)
            return 0;
        move(inet, inet->is_six || only_six ? INSIDE_SIX : inet->ip ? INSIDE : OUTSIDE);
        return 0;
    }
    return 0;
}

static void show_itself(struct inet *inet) {
    inet->is_six = inet->family == AF_INET6 && inet->ip == address_side(INSIDE_SIX);
    inet->ip = MACHINE_ADDRESS;
    inet->port = address_guest_port(inet->port);
}

void address_of_peer(struct inet *inet) {
    if (inet->ip == MACHINE_ADDRESS)
        inet->ip = GATEWAY_ADDRESS;
    else if (inet->ip == address_side(OUTSIDE) || inet->ip == address_side(INSIDE) ||
             inet->ip == address_side(INSIDE_SIX))
        show_itself(inet);
    else if (address_target(inet) == CONTAINER)
        inet->port = address_guest_port(inet->port);
}

void address_of_own(struct inet *inet, int is_connected) {
    switch (address_target(inet)) {
    case ELSEWHERE: return;
    case ITSELF:
    case GATEWAY:
        if (inet->ip)
            show_itself(inet);
        else
            inet->port = address_guest_port(inet->port);
        return;
    case CONTAINER:
        inet->port = address_guest_port(inet->port);
        if (!is_connected)
            inet->ip = 0;
    }
}
