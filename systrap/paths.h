/* Pure rules of paths: nothing here makes a system call. See path_resolution(7). */
#pragma once
#include "config.h"

/* Return the bind in which an absolute path of the container lies, or NULL. */
const struct bind *path_bind(const struct config *config, const char *path);
/* Whether a path has an empty segment, "." or "..". */
int path_has_dots(const char *path);
/* Whether a relative path may lead to a bind, or begins with "..": the kernel cannot look it up. */
int path_needs_walk(const struct config *config, const char *path);
/* Whether it is one ordinary name, which the kernel may look up in the folder itself. */
int path_is_name(const struct config *config, const char *path);
/* Whether it ends with a slash, and is not the root. */
int path_is_folder(const char *path);
/* What follows `/proc/1` in a path, the container's first process; NULL if it is not there. */
const char *path_below_init(const char *path);
/* Whether a path in /proc is the link `exe` of process `pid`. */
int path_is_own_exe(const char *path, i64 pid);
/* Whether a path in /proc is a file of a process's audit, which containers do not have. */
int path_is_audit(const char *path);
/* Translate a path of the host, of `length` bytes, to the container's; return its length.
   `path` has PATH_MAX bytes and room for a terminator. */
i64 path_to_guest(const struct config *config, char *path, i64 length);
/* Split a path in its folder and its last name. Return the folder's length (0: the current one),
   and set where the name begins and its length, which is 0 for the root. */
i64 path_split(const char *path, i64 *name, i64 *name_length);
