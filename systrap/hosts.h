/* Static addresses, as of --ip and ipv4_address: those of networks that do not exist here. The
   engine writes them as names to /etc/hosts, behind an address of the loopback:

       127.64.4.1	web 10.5.0.5

   So others may connect to 10.5.0.5, and see that address. See hosts(5). */
#pragma once
#include "core.h"

enum hosts_side { HOSTS_LOOPBACK, HOSTS_FIXED };

/* Return the address of a side that a hosts file has for one of the other side; 0 for none. */
u32 hosts_look(const char *text, enum hosts_side side, u32 other);
/* Look an address up in the container's file. */
u32 hosts_find(enum hosts_side side, u32 other);
