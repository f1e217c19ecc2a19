/* A container's part of the machine's loopback. N are two bytes, the container's number.

       in the container                on the machine
       its address, 127.64.N           127.64.N    and what is bound to all addresses
       127.0.0.1                       127.65.N
       ::1                             127.66.N    IPv6 has no more than this one address
       the gateway, 127.64.0.1         127.0.0.1   programs of the machine

   Ports are others there, too: those below 1024 may be privileged, and a program of the machine
   that listens on all addresses would keep a container from its port. */
#pragma once
#include "core.h"

/* An address of IPv4, or one of IPv6 that stands for such: ::, ::1 and ::ffff:0:0/96. */
struct inet {
    u32 ip;
    u16 port;
    u16 family; /* AF_INET or AF_INET6 */
    int is_six; /* whether it is ::1, with 127.0.0.1 as `ip` */
};

enum { MACHINE_ADDRESS = 0x7f000001, GATEWAY_ADDRESS = 0x7f400001, INET_LEAST = 16, INET_MOST = 28 };
enum side { OUTSIDE = 64, INSIDE, INSIDE_SIX };
enum target { ELSEWHERE, ITSELF, CONTAINER, GATEWAY };

/* Read sockaddr_in or sockaddr_in6. Return 0 if it is neither, or no address of the above. */
int address_read(const void *address, u64 length, struct inet *inet);
/* Change IP and port of what was read. */
void address_write(void *address, const struct inet *inet);

/* The machine's address of a side of this container. */
u32 address_side(enum side side);
/* Where a container's address leads. */
enum target address_target(const struct inet *inet);
/* Translate what bind(2) gets. Return 0, or a negative error number. */
i64 address_to_bind(struct inet *inet, int only_six);
/* Translate what the kernel tells of a socket's other end, or of its own. */
void address_of_peer(struct inet *inet);
void address_of_own(struct inet *inet, int is_connected);

u16 address_machine_port(u16 port);
u16 address_guest_port(u16 port);
