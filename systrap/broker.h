/* Asks the container's shim for files in folders whose files are the image's own: there the border
   lets nothing be written. The shim copies such a file first. See runtime/file_broker.py. */
#pragma once
#include "core.h"

/* Open a file for writing that resolve_open may not. Return -EACCES if the shim may not either. */
i64 broker_open(int folder, const char *path, u64 flags);
/* Return a descriptor of the container's own file, by which its mode, times or attributes may be
   changed: `fd` itself, or a new one if that may be of an image's file. */
i64 broker_own(i64 fd);
/* Make sure that a path leads to the container's own file. Return 0, or a negative error. */
i64 broker_make_own(int folder, const char *path, int no_follow);
