/* Rewrites call sites that trap often: they jump to serve_entry, without a signal. */
#pragma once
#include "core.h"

/* Count a trap. `after` is the address behind the syscall instruction. */
void patch_count(u64 after);

/* The parts below are pure. A site is `mov $NUMBER, %eax; syscall`: 7 bytes. */
enum { SITE_SIZE = 7, ISLAND_ENTRY = 32 };
/* Whether the bytes at `site`, an address, can be rewritten by one store. */
int patch_fits(const u8 *bytes, u64 site);
/* Write the code that a site jumps to. Return its size. */
int patch_island(u8 *to, const u8 *site_bytes, u64 after, u64 entry);
/* Return the first 8 bytes at a site, with a jump from `site` to `target` in them. */
u64 patch_jump(u64 bytes, u64 site, u64 target);
