#include "paths.h"
#include "text.h"

static int is_below(const char *path, const char *folder, i64 length) {
    return text_starts(path, folder) && (path[length] == '/' || !path[length]);
}

const struct bind *path_bind(const struct config *config, const char *path) {
    for (int at = 0; at < config->bind_count; at++)
        if (is_below(path, config->binds[at].target, config->binds[at].target_length))
            return &config->binds[at];
    return NULL;
}

/* Whether the segment at `path` is "." or "..". */
static int is_dots(const char *path) {
    if (*path++ != '.')
        return 0;
    if (*path == '.')
        path++;
    return *path == '/' || !*path;
}

int path_has_dots(const char *path) {
    if (*path != '/' && is_dots(path))
        return 1;
    for (; *path; path++)
        if (*path == '/' && (path[1] == '/' || is_dots(path + 1)))
            return 1;
    return 0;
}

int path_needs_walk(const struct config *config, const char *path) {
    if (path[0] == '.' && path[1] == '.' && (path[2] == '/' || !path[2]))
        return 1;
    for (int at = 0; at < config->name_count; at++) {
        const struct name *name = &config->names[at];
        i64 same = 0;
        while (same < name->length && name->text[same] == path[same])
            same++;
        if (same == name->length && (path[same] == '/' || !path[same]))
            return 1;
    }
    return 0;
}

int path_is_name(const struct config *config, const char *path) {
    if (!*path || is_dots(path))
        return 0;
    for (const char *at = path; *at; at++)
        if (*at == '/')
            return 0;
    return !path_needs_walk(config, path);
}

int path_is_folder(const char *path) {
    i64 length = text_length(path);
    return length > 1 && path[length - 1] == '/';
}

const char *path_below_init(const char *path) {
    static const char init[] = "/proc/1";
    if (!text_starts(path, init))
        return NULL;
    path += sizeof init - 1;
    return !*path || *path == '/' ? path : NULL;
}

int path_is_own_exe(const char *path, i64 pid) {
    if (!text_starts(path, "/proc/"))
        return 0;
    path += 6;
    if (text_starts(path, "self/"))
        path += 5;
    else if (text_starts(path, "thread-self/"))
        path += 12;
    else {
        if (text_number(&path) != (u64)pid || *path != '/')
            return 0;
        path++;
    }
    return text_equal(path, "exe");
}

int path_is_audit(const char *path) {
    const char *name = path;
    if (!text_starts(path, "/proc/"))
        return 0;
    for (; *path; path++)
        if (*path == '/')
            name = path + 1;
    return text_equal(name, "loginuid") || text_equal(name, "sessionid");
}

static i64 replace_start(char *path, i64 length, i64 old_length, const char *start,
                         i64 start_length) {
    if (length - old_length + start_length >= PATH_MAX)
        return length;
    memmove(path + start_length, path + old_length, (size_t)(length - old_length + 1));
    memcpy(path, start, (size_t)start_length);
    return length - old_length + start_length;
}

i64 path_to_guest(const struct config *config, char *path, i64 length) {
    path[length] = 0;
    for (int at = 0; at < config->bind_count; at++) {
        const struct bind *bind = &config->binds[at];
        if (bind->kind != HOST && is_below(path, bind->source, bind->source_length))
            return replace_start(path, length, bind->source_length, bind->target,
                                 bind->target_length);
    }
    if (!is_below(path, config->root, config->root_length))
        return length;
    if (!path[config->root_length])
        return replace_start(path, length, config->root_length, "/", 1);
    return replace_start(path, length, config->root_length, "", 0);
}

i64 path_split(const char *path, i64 *name, i64 *name_length) {
    i64 end = text_length(path);
    while (end > 1 && path[end - 1] == '/')
        end--;
    i64 start = end;
    while (start > 0 && path[start - 1] != '/')
        start--;
    *name = start;
    *name_length = end - start;
    i64 folder = start;
    while (folder > 1 && path[folder - 1] == '/')
        folder--;
    return folder;
}
