/* Addresses of sockets: unix(7) paths, and the loopback's, of which each container has a part. */
#pragma once
#include "core.h"

handler socket_bind, socket_connect, socket_sendto, socket_sendmsg;
handler socket_getsockname, socket_getpeername, socket_getsockopt, socket_accept;
handler socket_recvfrom, socket_recvmsg, socket_sendmmsg, socket_recvmmsg;
