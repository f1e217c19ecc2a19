#include "border.h"
#include <linux/landlock.h>
#include <sys/prctl.h>

/* Names of newer kernels than the headers that this is built with. */
enum {
    ACCESS_REFER = 1 << 13,
    ACCESS_TRUNCATE = 1 << 14,
    ACCESS_IOCTL_DEV = 1 << 15,
    SCOPE_ABSTRACT_UNIX_SOCKET = 1 << 0,
    SCOPE_SIGNAL = 1 << 1,
};

struct ruleset {
    u64 files, network, scopes;
};

enum {
    FILE_READ = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_EXECUTE,
    FILE_ALL = FILE_READ | LANDLOCK_ACCESS_FS_WRITE_FILE | ACCESS_TRUNCATE | ACCESS_IOCTL_DEV,
    ALL = (1 << 16) - 1,
};

static i64 version(void) {
    return SYS(__NR_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
}

/* What a version of Landlock can confine. */
static struct ruleset confined(i64 abi) {
    u64 files = ALL;
    if (abi < 5)
        files &= ~(u64)ACCESS_IOCTL_DEV;
    if (abi < 3)
        files &= ~(u64)ACCESS_TRUNCATE;
    if (abi < 2)
        files &= ~(u64)ACCESS_REFER;
    return (struct ruleset){files, 0, abi < 6 ? 0 : SCOPE_ABSTRACT_UNIX_SOCKET | SCOPE_SIGNAL};
}

i64 border_begin(void) {
    i64 abi = version();
    if (abi < 0)
        return abi;
    struct ruleset ruleset = confined(abi);
    u64 size = abi < 6 ? offsetof(struct ruleset, network) : sizeof ruleset;
    return SYS(__NR_landlock_create_ruleset, &ruleset, size, 0);
}

i64 border_allow(i64 ruleset, i64 fd, enum border_access access) {
    struct landlock_path_beneath_attr rule = {.parent_fd = (int)fd};
    struct stat status;
    i64 result = SYS(__NR_newfstatat, fd, "", &status, AT_EMPTY_PATH);
    if (result < 0)
        return result;
    static const u64 all[] = {
        [LIST] = LANDLOCK_ACCESS_FS_READ_DIR,
        [READ] = FILE_READ | LANDLOCK_ACCESS_FS_READ_DIR,
        [ARRANGE] = ALL & ~(LANDLOCK_ACCESS_FS_WRITE_FILE | ACCESS_TRUNCATE),
        [WRITE] = ALL,
    };
    u64 wanted = all[access];
    if (!S_ISDIR(status.st_mode))
        wanted &= FILE_ALL;
    rule.allowed_access = wanted & confined(version()).files;
    return SYS(__NR_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
}

i64 border_close(i64 ruleset) {
    i64 result = SYS(__NR_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    if (result == 0)
        result = SYS(__NR_landlock_restrict_self, ruleset, 0);
    return close_with(ruleset, result);
}
