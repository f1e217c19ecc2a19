/* The first line of a script: "#! INTERPRETER ARGUMENT". Pure. See execve(2). */
#pragma once
#include "core.h"

enum { SCRIPT_HEAD = 256 };

/* Split a line in place. `head` has SCRIPT_HEAD bytes and a terminator; `size` of them are read.
   Return 1 and set the parts (argument: NULL without one), 0 if it is not a script, -ENOEXEC. */
i64 script_parse(char *head, i64 size, const char **interpreter, const char **argument);
