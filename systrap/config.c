#include "config.h"
#include "text.h"

enum { SEPARATOR = 1 };

struct config config;

static char *put_field(char *to, const char *text) {
    to = text_put(to, text);
    *to++ = SEPARATOR;
    *to = 0;
    return to;
}

static char *put_number_field(char *to, u64 value) {
    char digits[24];
    text_put_number(digits, value);
    return put_field(to, digits);
}

static u32 number_field(char **text) {
    const char *digits = text_field(text, SEPARATOR);
    return (u32)text_number(&digits);
}

char *config_write(char *to, const struct config *from) {
    to = put_field(to, from->root);
    to = put_field(to, from->self);
    to = put_field(to, from->hostname);
    to = put_field(to, from->signals);
    to = put_number_field(to, from->init);
    to = put_number_field(to, (u64)from->no_new_privileges);
    to = put_number_field(to, (u64)from->patch);
    to = put_number_field(to, (u64)from->read_only);
    to = put_number_field(to, from->real_uid);
    to = put_number_field(to, from->real_gid);
    for (int at = 0; at < 3; at++)
        to = put_number_field(put_number_field(to, from->user_ids[at]), from->group_ids[at]);
    to = put_number_field(to, (u64)from->shim_count);
    for (int at = 0; at < from->shim_count; at++)
        to = put_number_field(to, from->shims[at]);
    to = put_number_field(put_number_field(to, from->number), (u64)from->reach);
    to = put_number_field(to, (u64)from->files_fd);
    for (int at = 0; at < from->bind_count; at++) {
        to = put_field(put_field(to, from->binds[at].source), from->binds[at].target);
        to = put_number_field(to, (u64)from->binds[at].kind);
    }
    return to;
}

void config_read(struct config *to, char *text) {
    to->root = text_field(&text, SEPARATOR);
    to->root_length = text_length(to->root);
    to->self = text_field(&text, SEPARATOR);
    to->hostname = text_field(&text, SEPARATOR);
    to->signals = text_field(&text, SEPARATOR);
    to->init = number_field(&text);
    to->no_new_privileges = (int)number_field(&text);
    to->patch = (int)number_field(&text);
    to->read_only = (int)number_field(&text);
    to->real_uid = number_field(&text);
    to->real_gid = number_field(&text);
    for (int at = 0; at < 3; at++) {
        to->user_ids[at] = number_field(&text);
        to->group_ids[at] = number_field(&text);
    }
    to->shim_count = (int)number_field(&text);
    for (int at = 0; at < to->shim_count; at++)
        to->shims[at] = number_field(&text);
    to->number = number_field(&text);
    to->reach = (enum reach)number_field(&text);
    to->files_fd = (int)number_field(&text);
    to->bind_count = 0;
    while (*text) {
        const char *source = text_field(&text, SEPARATOR);
        const char *target = text_field(&text, SEPARATOR);
        config_add_bind(to, source, target, (enum bind_kind)number_field(&text));
    }
    config_index(to);
}

int config_add_bind(struct config *to, const char *source, const char *target,
                    enum bind_kind kind) {
    if (to->bind_count == MOST_BINDS)
        return -1;
    i64 length = text_length(target);
    int at = to->bind_count++;
    for (; at && to->binds[at - 1].target_length < length; at--)
        to->binds[at] = to->binds[at - 1];
    to->binds[at] = (struct bind){
        .source = source,
        .target = target,
        .source_length = text_length(source),
        .target_length = length,
        .kind = kind,
    };
    return 0;
}

static void add_names(struct config *to, const char *path) {
    while (to->name_count < MOST_NAMES) {
        while (*path == '/')
            path++;
        i64 length = 0;
        while (path[length] && path[length] != '/')
            length++;
        if (!length)
            return;
        to->names[to->name_count++] = (struct name){path, length};
        path += length;
    }
}

void config_index(struct config *to) {
    to->name_count = 0;
    for (int at = 0; at < to->bind_count; at++) {
        to->binds[at].fd = to->binds[at].kind == HOST ? -1 : ROOT_FD + 1 + at;
        add_names(to, to->binds[at].target);
    }
}
