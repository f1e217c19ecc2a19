#include "locks.h"
#include "broker.h"
#include "config.h"
#include "text.h"
#include <sys/file.h>

/* Whether the parent has the file at the same descriptor: then it has the lock too, which would be
   lost with a copy of this process alone. */
static int is_inherited(i64 fd, const struct stat *status) {
    struct stat of_parent;
    char path[2 * FD_PATH];
    char *end = text_put_number(text_put(path, "/proc/"), (u64)SYS(__NR_getppid));
    text_put_number(text_put(end, "/fd/"), (u64)fd);
    return SYS(__NR_stat, path, &of_parent) == 0 && of_parent.st_ino == status->st_ino &&
           of_parent.st_dev == status->st_dev;
}

/* Whether a file may be an image's: what was opened for writing never is. */
static int may_be_shared(i64 fd) {
    struct stat status;
    i64 flags = SYS(__NR_fcntl, fd, F_GETFL);
    return config.files_fd && flags >= 0 && (flags & O_ACCMODE) == O_RDONLY &&
           SYS(__NR_fstat, fd, &status) == 0 && S_ISREG(status.st_mode) &&
           !is_inherited(fd, &status);
}

/* Open a file again in place of a descriptor. */
static void replace(i64 fd, i64 file) {
    char link[FD_PATH];
    i64 flags = SYS(__NR_fcntl, fd, F_GETFL);
    i64 opened = SYS(__NR_open, text_fd_path(link, file), (flags & ~O_NOFOLLOW) | O_CLOEXEC, 0);
    if (opened < 0)
        return;
    SYS(__NR_lseek, opened, SYS(__NR_lseek, fd, 0, SEEK_CUR), SEEK_SET);
    i64 closes = SYS(__NR_fcntl, fd, F_GETFD) & FD_CLOEXEC;
    SYS(__NR_dup3, opened, fd, closes ? O_CLOEXEC : 0);
    SYS(__NR_close, opened);
}

i64 lock_flock(const struct call *call) {
    if (!(call->arg[1] & LOCK_UN) && may_be_shared(FD(0))) {
        i64 own = broker_own(FD(0)); /* if that fails, containers share the lock */
        if (own >= 0 && own != FD(0)) {
            replace(FD(0), own);
            SYS(__NR_close, own);
        }
    }
    return SYS(__NR_flock, call->arg[0], call->arg[1]);
}
