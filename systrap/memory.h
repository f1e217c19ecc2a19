/* Memory that a signal handler may take: pages of its own. See mmap(2). */
#pragma once
#include "core.h"
#include <sys/mman.h>

static inline void *memory_get(u64 size) {
    i64 result =
        SYS(__NR_mmap, 0, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return is_error(result) ? NULL : (void *)result;
}

static inline void memory_free(void *memory, u64 size) { SYS(__NR_munmap, memory, size); }
