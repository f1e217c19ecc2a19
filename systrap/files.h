/* Calls on files. Each function is named for its call: see section 2 of the manual. */
#pragma once
#include "core.h"

handler file_open, file_openat, file_creat, file_openat2;
handler file_stat, file_lstat, file_fstat, file_newfstatat, file_statx;
handler file_access, file_faccessat, file_faccessat2;
handler file_readlink, file_readlinkat, file_chdir, file_getcwd;
handler file_mkdir, file_mkdirat, file_rmdir, file_unlink, file_unlinkat;
handler file_mknod, file_mknodat, file_symlink, file_symlinkat;
handler file_rename, file_renameat, file_renameat2, file_link, file_linkat;
handler file_truncate, file_statfs, file_inotify_add_watch;
handler file_chroot, file_close_range, file_reserved;
