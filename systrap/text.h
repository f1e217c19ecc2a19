/* Strings and numbers, without a C library. */
#pragma once
#include "core.h"

void *memcpy(void *to, const void *from, size_t size);
void *memmove(void *to, const void *from, size_t size);
void *memset(void *to, int value, size_t size);

i64 text_length(const char *text);
int text_equal(const char *left, const char *right);
int text_starts(const char *text, const char *prefix);
int text_ends(const char *text, const char *suffix);
/* Copy a text with its terminator; return the end, where the terminator is. */
char *text_put(char *to, const char *text);
char *text_put_number(char *to, u64 value);
/* Read decimal digits; move `text` behind them. */
u64 text_number(const char **text);
/* Return the field at `*text`, which ends at a separator or the end; move `*text` behind it. */
char *text_field(char **text, char separator);
/* Write "/proc/self/fd/N", see proc(5). `to` has FD_PATH bytes. Return `to`. */
enum { FD_PATH = 40 };
const char *text_fd_path(char *to, i64 fd);
