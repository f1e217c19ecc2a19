/* Folder listings: that of /proc has the container's processes alone. See getdents64(2). */
#pragma once
#include "core.h"

handler listing_getdents64;

/* Drop the entries that `keep` does not want, by their names. Return the size of the others. */
i64 listing_filter(char *entries, i64 size, int (*keep)(const char *name));
/* Return the parent that a text of /proc/PID/stat names, see proc_pid_stat(5); 0 for none. */
u64 listing_parent(const char *stat);
