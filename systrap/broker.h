/* Asks the container's shim for files in folders whose files are the image's own: there the border
   lets nothing be written. The shim copies such a file first. See runtime/file_broker.py. */
#pragma once
#include "core.h"

/* How often to ask again if a file has moved meanwhile, which is ESTALE. */
enum { BROKER_TURNS = 8 };

/* Open a file for writing that resolve_open may not. Return -EACCES if the shim may not either,
   -ESTALE if the path should be resolved again. */
i64 broker_open(int folder, const char *path, u64 flags);
/* Rename a file or a symbolic link between folders, or link it, where the border refuses. Return 0;
   -EXDEV if the shim may not either; or another error of rename(2) or link(2). */
struct place;
enum broker_act { BROKER_RENAME, BROKER_LINK };
i64 broker_move(enum broker_act act, const struct place *from, const struct place *to);
/* Return a descriptor of the container's own file, by which its mode, times or attributes may be
   changed: `fd` itself, or a new one if that is of an image's file; -EROFS if the container may not
   change it; -ESTALE if it is an image's file that the container has removed, or a symbolic link:
   then the change is to have no effect. */
i64 broker_own(i64 fd);
/* The same of what a path leads to. */
i64 broker_look(int folder, const char *path, int no_follow);
