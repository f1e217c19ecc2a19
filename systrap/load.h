/* Maps a program and its interpreter as the kernel would, and starts it. See elf(5), getauxval(3).
 */
#pragma once
#include "core.h"
#include "elf_plan.h"

/* The last environment variable: DESCRIPTOR, PATH and NAME of the program, and the configuration,
   which the byte 1 separates. */
#define LOAD_VARIABLE "SYSTRAP="

/* Read the path of a program's interpreter. Return 0, or a negative error. */
i64 load_interpreter_path(int fd, const struct elf_plan *plan, char *path);
/* Become the program that `variable` names. `stack` is where the kernel put the arguments. */
_Noreturn void load_program(u64 *stack, char **variable);
/* Print why and exit: the process that made the call no longer exists. */
_Noreturn void load_fail(const char *what, i64 error);
