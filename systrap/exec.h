/* execve(2): becomes an execve of this program, which then maps the wanted one itself. */
#pragma once
#include "core.h"

/* The process that this program was executed in: others that share its memory are its children. */
extern i64 exec_process;

handler exec_execve, exec_execveat;

i64 exec_path(int folder, const char *path, char *const *arguments, char *const *environment,
              int flags);
