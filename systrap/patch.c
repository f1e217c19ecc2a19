#include "patch.h"
#include "memory.h"
#include "serve.h"
#include "text.h"

enum {
    OFTEN = 8,
    SITES = 1024, /* a power of two */
    MOST_ISLANDS = 8,
    ISLAND_SIZE = 65536,
    CACHE_LINE = 64,
    JUMP_SIZE = 5,
    STEPS = 200,
};
static const i64 REACH = 0x70000000; /* of a jump, with room to spare */
static const i64 STEP = 0x800000;

static struct {
    u64 address;
    u32 hits;
} sites[SITES];

/* Pages of jumps within reach of the sites: they have what a jump of 5 bytes cannot hold. */
static struct {
    u64 start, used;
} islands[MOST_ISLANDS];
static int island_count;
static u32 busy;

int patch_fits(const u8 *bytes, u64 site) {
    return bytes[0] == 0xb8 && bytes[5] == 0x0f && bytes[6] == 0x05 &&
           site % CACHE_LINE <= CACHE_LINE - JUMP_SIZE;
}

int patch_island(u8 *to, const u8 *site_bytes, u64 after, u64 entry) {
    u8 *end = to;
    memcpy(end, site_bytes, JUMP_SIZE); /* mov $NUMBER, %eax */
    end += JUMP_SIZE;
    *end++ = 0x48, *end++ = 0xb9; /* movabs $after, %rcx */
    memcpy(end, &after, sizeof after);
    end += sizeof after;
    *end++ = 0x49, *end++ = 0xbb; /* movabs $entry, %r11 */
    memcpy(end, &entry, sizeof entry);
    end += sizeof entry;
    *end++ = 0x41, *end++ = 0xff, *end++ = 0xe3; /* jmp *%r11 */
    return (int)(end - to);
}

u64 patch_jump(u64 bytes, u64 site, u64 target) {
    u8 code[sizeof bytes];
    u32 distance = (u32)(target - site - JUMP_SIZE);
    memcpy(code, &bytes, sizeof code);
    code[0] = 0xe9;
    memcpy(code + 1, &distance, sizeof distance);
    memcpy(&bytes, code, sizeof bytes);
    return bytes;
}

static int new_island(u64 near) {
    static const int protection = PROT_READ | PROT_WRITE | PROT_EXEC;
    for (i64 step = 1; step < STEPS && island_count < MOST_ISLANDS; step++)
        for (i64 side = -1; side <= 1; side += 2) {
            u64 wanted = (near & ~(u64)(ISLAND_SIZE - 1)) + (u64)(side * step * STEP);
            i64 start = SYS(__NR_mmap, wanted, ISLAND_SIZE, protection,
                            MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
            if (is_error(start))
                continue;
            islands[island_count].start = wanted;
            islands[island_count].used = 0;
            return island_count++;
        }
    return -1;
}

/* Take room for one entry within reach of an address, or return NULL. */
static u8 *take_room(u64 near) {
    int at = 0;
    for (; at < island_count; at++) {
        i64 distance = (i64)(islands[at].start - near);
        if (distance < REACH && distance > -REACH && islands[at].used + ISLAND_ENTRY <= ISLAND_SIZE)
            break;
    }
    if (at == island_count && (at = new_island(near)) < 0)
        return NULL;
    u8 *room = (u8 *)islands[at].start + islands[at].used;
    islands[at].used += ISLAND_ENTRY;
    return room;
}

/* One store of what other threads may be executing: they see the old bytes or the jump. One that
   is behind the `mov` still finds the syscall instruction, which stays. */
static void rewrite(u64 site, const u8 *room) {
    u64 page = site & ~(PAGE - 1);
    u64 size = ((site + sizeof(u64) + PAGE - 1) & ~(PAGE - 1)) - page;
    u64 *bytes = (u64 *)site;
    if (SYS(__NR_mprotect, page, size, PROT_READ | PROT_WRITE | PROT_EXEC) < 0)
        return;
    __atomic_store_n(bytes, patch_jump(*bytes, site, (u64)room), __ATOMIC_SEQ_CST);
    SYS(__NR_mprotect, page, size, PROT_READ | PROT_EXEC);
}

static void patch_site(u64 after) {
    u64 site = after - SITE_SIZE;
    if (!patch_fits((const u8 *)site, site) || __atomic_exchange_n(&busy, 1, __ATOMIC_ACQUIRE))
        return;
    u8 *room = take_room(site);
    if (room) {
        patch_island(room, (const u8 *)site, after, (u64)serve_entry);
        rewrite(site, room);
    }
    __atomic_store_n(&busy, 0, __ATOMIC_RELEASE);
}

void patch_count(u64 after) {
    u64 slot = after * 0x9e3779b97f4a7c15UL >> 54; /* Fibonacci hashing to 10 bits */
    if (sites[slot].address != after) {
        sites[slot].address = after;
        sites[slot].hits = 0;
    }
    if (++sites[slot].hits == OFTEN)
        patch_site(after);
}
