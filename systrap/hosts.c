#include "hosts.h"
#include "memory.h"
#include "resolve.h"
#include "text.h"

enum { MOST_BYTES = 65536 };

static int is_blank(char byte) { return byte == ' ' || byte == '\t'; }
static int is_digit(char byte) { return byte >= '0' && byte <= '9'; }
static int ends_line(char byte) { return !byte || byte == '\n' || byte == '#'; }

/* Read an address in dotted decimals that is a whole field; return 0 if it is none. */
static u32 read_address(const char *field) {
    u32 address = 0;
    for (int at = 0; at < 4; at++) {
        if (at && *field++ != '.')
            return 0;
        if (!is_digit(*field))
            return 0;
        u64 part = text_number(&field);
        if (part > 255)
            return 0;
        address = address << 8 | (u32)part;
    }
    return is_blank(*field) || ends_line(*field) ? address : 0;
}

/* Move to the next field of the line. Return whether it has one. */
static int next_field(const char **text) {
    while (!is_blank(**text) && !ends_line(**text))
        ++*text;
    while (is_blank(**text))
        ++*text;
    return !ends_line(**text);
}

static void next_line(const char **text) {
    while (**text && **text != '\n')
        ++*text;
    *text += **text == '\n';
}

u32 hosts_look(const char *text, enum hosts_side side, u32 other) {
    for (; *text; next_line(&text)) {
        u32 loopback = read_address(text);
        while (loopback && next_field(&text)) {
            u32 fixed = read_address(text);
            if (fixed && other == (side == HOSTS_LOOPBACK ? fixed : loopback))
                return side == HOSTS_LOOPBACK ? loopback : fixed;
        }
    }
    return 0;
}

u32 hosts_find(enum hosts_side side, u32 other) {
    i64 fd = resolve_open(AT_FDCWD, "/etc/hosts", O_RDONLY | O_CLOEXEC | O_NONBLOCK, 0);
    char *text = fd < 0 ? NULL : memory_get(MOST_BYTES);
    u32 found = 0;
    if (text && SYS(__NR_read, fd, text, MOST_BYTES - 1) > 0)
        found = hosts_look(text, side, other);
    if (text)
        memory_free(text, MOST_BYTES);
    if (fd >= 0)
        SYS(__NR_close, fd);
    return found;
}
