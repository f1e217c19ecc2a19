#include "script.h"

static int is_blank(char byte) { return byte == ' ' || byte == '\t'; }

i64 script_parse(char *head, i64 size, const char **interpreter, const char **argument) {
    if (size < 2 || head[0] != '#' || head[1] != '!')
        return 0;
    head[size] = 0;
    char *end = head + 2;
    while (*end && *end != '\n')
        end++;
    if (!*end && size == SCRIPT_HEAD)
        return -ENOEXEC; /* cut */
    char *start = head + 2;
    while (end > start && is_blank(end[-1]))
        end--;
    *end = 0;
    while (is_blank(*start))
        start++;
    if (!*start)
        return -ENOEXEC;
    *interpreter = start;
    while (*start && !is_blank(*start))
        start++;
    *argument = NULL;
    if (*start) {
        *start++ = 0;
        while (is_blank(*start))
            start++;
        *argument = start;
    }
    return 1;
}
