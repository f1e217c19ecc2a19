/* Opens what the container means by a path. See openat2(2), path_resolution(7). */
#pragma once
#include "core.h"

enum { LOOK = O_PATH | O_CLOEXEC };

/* openat(2), as the container means it. */
i64 resolve_open(int folder, const char *path, u64 flags, u64 mode);
/* As resolve_open, but only through folders that the modes allow to search. */
i64 resolve_directly(int folder, const char *path, u64 flags, u64 mode);
/* Open a path for looking at it, without permission to read (O_PATH). */
i64 resolve_look(int folder, const char *path, int no_follow);
/* Whether open(2) with these flags may write. */
int resolve_writes(u64 flags);
/* Whether the container may not write where a path leads, by its text alone. */
int resolve_is_read_only(int folder, const char *path);

/* A name in a folder, for calls that make, rename or remove it. */
struct place {
    int fd;
    int opened; /* whether `fd` was opened for this place */
    const char *name;
    char copy[NAME_MAX + 1];
};

/* Find the place of a path. Return 0, or a negative error number. */
i64 place_find(int folder, const char *path, struct place *place);
/* Whether something is mounted there, which is neither removed nor renamed. */
int place_is_mount(const struct place *place);
/* Whether two places are not in the same mount, between which nothing is renamed or linked. */
int place_is_far(const struct place *place, const struct place *other);
/* As place_find, for calls that write there: EROFS where that is forbidden. */
i64 place_find_writable(int folder, const char *path, struct place *place);
/* Release a place; return `result`. */
i64 place_leave(const struct place *place, i64 result);

/* Make CALL, an expression of `place`, where a path leads. */
#define AT_PLACE(folder, path, CALL)                                                               \
    ({                                                                                             \
        struct place place;                                                                        \
        i64 found = place_find_writable(folder, path, &place);                                     \
        found < 0 ? found : place_leave(&place, CALL);                                             \
    })

/* The container's path of the program that runs, for /proc/self/exe. */
extern char resolve_exe[PATH_MAX];
