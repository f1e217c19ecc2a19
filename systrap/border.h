/* Confines a container's files, signals and abstract sockets by the kernel. See landlock(7).
   What a process does by leaving this program's handler behind, it does within this border. */
#pragma once
#include "core.h"

/* See names; read and execute; all but writing to files that are there; all. */
enum border_access { LIST, READ, ARRANGE, WRITE };

/* Begin a ruleset of all that the kernel can confine. Return its descriptor; -ENOSYS or -EOPNOTSUPP
   if the kernel has no Landlock. */
i64 border_begin(void);
/* Allow a file, or all that is in a folder; `fd` is an O_PATH descriptor. */
i64 border_allow(i64 ruleset, i64 fd, enum border_access access);
/* Confine this process and all that come from it, for good. */
i64 border_close(i64 ruleset);
