/* Compiles the table of rules to a seccomp filter. Pure but for filter_install. See seccomp(2). */
#pragma once
#include "core.h"
#include <linux/filter.h>

enum { FILTER_MOST = 1024 };

struct filter {
    u16 length;
    struct sock_filter code[FILTER_MOST];
};

/* Calls between two addresses, which are in the same 4 GiB, are served by the kernel. Descriptors
   of ours are those from ROOT_FD to `last_fd`. */
void filter_build(struct filter *filter, u64 text_start, u64 text_end, u32 last_fd);
/* Install a filter; no program gains privileges from then on. Return 0, or a negative error. */
i64 filter_install(const struct filter *filter);
