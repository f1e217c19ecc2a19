#include "text.h"

void *memcpy(void *to, const void *from, size_t size) {
    void *result = to;
    __asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(size) : : "memory");
    return result;
}

void *memmove(void *to, const void *from, size_t size) {
    u8 *target = to;
    const u8 *source = from;
    if (target <= source)
        return memcpy(to, from, size);
    while (size--)
        target[size] = source[size];
    return to;
}

void *memset(void *to, int value, size_t size) {
    void *result = to;
    __asm__ volatile("rep stosb" : "+D"(to), "+c"(size) : "a"(value) : "memory");
    return result;
}

i64 text_length(const char *text) {
    i64 length = 0;
    while (text[length])
        length++;
    return length;
}

int text_equal(const char *left, const char *right) {
    while (*left && *left == *right)
        left++, right++;
    return *left == *right;
}

int text_starts(const char *text, const char *prefix) {
    while (*prefix && *text == *prefix)
        text++, prefix++;
    return !*prefix;
}

int text_ends(const char *text, const char *suffix) {
    i64 start = text_length(text) - text_length(suffix);
    return start >= 0 && text_equal(text + start, suffix);
}

char *text_put(char *to, const char *text) {
    while (*text)
        *to++ = *text++;
    *to = 0;
    return to;
}

char *text_put_number(char *to, u64 value) {
    char digits[24];
    int count = 0;
    do
        digits[count++] = (char)('0' + value % 10);
    while (value /= 10);
    while (count)
        *to++ = digits[--count];
    *to = 0;
    return to;
}

u64 text_number(const char **text) {
    u64 value = 0;
    while (**text >= '0' && **text <= '9')
        value = value * 10 + (u64)(*(*text)++ - '0');
    return value;
}

char *text_field(char **text, char separator) {
    char *field = *text;
    while (**text && **text != separator)
        (*text)++;
    if (**text)
        *(*text)++ = 0;
    return field;
}

const char *text_fd_path(char *to, i64 fd) {
    text_put_number(text_put(to, "/proc/self/fd/"), (u64)fd);
    return to;
}
