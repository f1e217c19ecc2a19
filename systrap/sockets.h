/* Addresses of sockets: unix(7) paths, and ports that a container cannot bind itself. */
#pragma once
#include "core.h"

handler socket_bind, socket_connect, socket_sendto, socket_getname;
