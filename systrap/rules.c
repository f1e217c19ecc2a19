#include "rules.h"
#include "attributes.h"
#include "exec.h"
#include "files.h"
#include "identity.h"
#include "listing.h"
#include "locks.h"
#include "signals.h"
#include "sockets.h"

/* Which arguments are paths. */
enum { NONE = 0, P0 = 1, P1 = 2, P2 = 4, P3 = 8 };

#ifndef __NR_fchmodat2
#define __NR_fchmodat2 452
#endif

const struct rule rules[RULE_COUNT] = {
    /* files: calls with paths */
    [__NR_open] = {TRAP, P0, 0, file_open},
    [__NR_openat] = {TRAP, P1, 0, file_openat},
    [__NR_openat2] = {TRAP, P1, 0, file_openat2},
    [__NR_creat] = {TRAP, P0, 0, file_creat},
    [__NR_stat] = {TRAP, P0, 0, file_stat},
    [__NR_lstat] = {TRAP, P0, 0, file_lstat},
    [__NR_fstat] = {TRAP, NONE, 0, file_fstat}, /* for the owner */
    [__NR_newfstatat] = {TRAP, P1, 0, file_newfstatat},
    [__NR_statx] = {TRAP, NONE, 0, file_statx},
    [__NR_access] = {TRAP, P0, 0, file_access},
    [__NR_faccessat] = {TRAP, P1, 0, file_faccessat},
    [__NR_faccessat2] = {TRAP, P1, 0, file_faccessat2},
    [__NR_readlink] = {TRAP, P0, 0, file_readlink},
    [__NR_readlinkat] = {TRAP, P1, 0, file_readlinkat},
    [__NR_chdir] = {TRAP, P0, 0, file_chdir},
    [__NR_getcwd] = {TRAP, NONE, 0, file_getcwd},
    [__NR_mkdir] = {TRAP, P0, 0, file_mkdir},
    [__NR_mkdirat] = {TRAP, P1, 0, file_mkdirat},
    [__NR_rmdir] = {TRAP, P0, 0, file_rmdir},
    [__NR_unlink] = {TRAP, P0, 0, file_unlink},
    [__NR_unlinkat] = {TRAP, P1, 0, file_unlinkat},
    [__NR_mknod] = {TRAP, P0, 0, file_mknod},
    [__NR_mknodat] = {TRAP, P1, 0, file_mknodat},
    [__NR_symlink] = {TRAP, P0 | P1, 0, file_symlink},
    [__NR_symlinkat] = {TRAP, P0 | P2, 0, file_symlinkat},
    [__NR_rename] = {TRAP, P0 | P1, 0, file_rename},
    [__NR_renameat] = {TRAP, P1 | P3, 0, file_renameat},
    [__NR_renameat2] = {TRAP, P1 | P3, 0, file_renameat2},
    [__NR_link] = {TRAP, P0 | P1, 0, file_link},
    [__NR_linkat] = {TRAP, P1 | P3, 0, file_linkat},
    [__NR_fchmod] = {TRAP, NONE, 0, attribute_fchmod},
    [__NR_fsetxattr] = {TRAP, NONE, 0, attribute_fsetxattr},
    [__NR_fremovexattr] = {TRAP, NONE, 0, attribute_fremovexattr},
    [__NR_chmod] = {TRAP, P0, 0, attribute_chmod},
    [__NR_fchmodat] = {TRAP, P1, 0, attribute_fchmodat},
    [__NR_fchmodat2] = {TRAP, P1, 0, attribute_fchmodat2},
    [__NR_truncate] = {TRAP, P0, 0, file_truncate},
    [__NR_statfs] = {TRAP, P0, 0, file_statfs},
    [__NR_utime] = {TRAP, P0, 0, attribute_utime},
    [__NR_utimes] = {TRAP, P0, 0, attribute_utimes},
    [__NR_futimesat] = {TRAP, NONE, 0, attribute_futimesat},
    [__NR_utimensat] = {TRAP, NONE, 0, attribute_utimensat},
    [__NR_getxattr] = {TRAP, P0, 0, attribute_xattr},
    [__NR_setxattr] = {TRAP, P0, 0, attribute_xattr},
    [__NR_listxattr] = {TRAP, P0, 0, attribute_xattr},
    [__NR_removexattr] = {TRAP, P0, 0, attribute_xattr},
    [__NR_lgetxattr] = {TRAP, P0, 0, attribute_lxattr},
    [__NR_lsetxattr] = {TRAP, P0, 0, attribute_lxattr},
    [__NR_llistxattr] = {TRAP, P0, 0, attribute_lxattr},
    [__NR_lremovexattr] = {TRAP, P0, 0, attribute_lxattr},
    [__NR_inotify_add_watch] = {TRAP, P1, 0, file_inotify_add_watch},
    [__NR_flock] = {TRAP, NONE, 0, lock_flock},
    [__NR_chroot] = {TRAP, P0, 0, file_chroot},
    [__NR_getdents64] = {TRAP, NONE, 0, listing_getdents64}, /* for /proc */
    [__NR_execve] = {TRAP, P0, 0, exec_execve},
    [__NR_execveat] = {TRAP, P1, 0, exec_execveat},

    /* descriptors of root and binds stay open */
    [__NR_close] = {SUCCEED_IF_RESERVED, NONE, 0, NULL},
    [__NR_fcntl] = {GUARD_FCNTL, NONE, 0, NULL}, /* a lease would stop others that open the file */
    [__NR_dup2] = {TRAP_IF_RESERVED, NONE, 1, file_reserved},
    [__NR_dup3] = {TRAP_IF_RESERVED, NONE, 1, file_reserved},
    [__NR_close_range] = {TRAP, NONE, 0, file_close_range},

    /* addresses of sockets */
    [__NR_bind] = {TRAP, P1, 0, socket_bind},
    [__NR_connect] = {TRAP, P1, 0, socket_connect},
    [__NR_socket] = {REFUSE_AUDIT, NONE, 0, NULL}, /* sshd(8) ends where it may not write there */
    [__NR_sendto] = {TRAP_IF_SET, NONE, 4, socket_sendto},
    [__NR_sendmsg] = {TRAP, NONE, 0, socket_sendmsg},
    [__NR_recvmsg] = {TRAP, NONE, 0, socket_recvmsg},
    [__NR_sendmmsg] = {TRAP, NONE, 0, socket_sendmmsg},
    [__NR_recvmmsg] = {TRAP, NONE, 0, socket_recvmmsg},
    [__NR_getsockname] = {TRAP, NONE, 0, socket_getsockname},
    [__NR_getpeername] = {TRAP, NONE, 0, socket_getpeername},
    [__NR_getsockopt] = {TRAP, NONE, 0, socket_getsockopt}, /* for the other end's user */
    [__NR_accept] = {TRAP_IF_SET, NONE, 1, socket_accept},
    [__NR_accept4] = {TRAP_IF_SET, NONE, 1, socket_accept},
    [__NR_recvfrom] = {TRAP_IF_SET, NONE, 4, socket_recvfrom},

    /* SIGSYS is neither blocked nor handled by others */
    [__NR_rt_sigaction] = {TRAP_SIGACTION, NONE, 0, signal_sigaction},
    [__NR_rt_sigprocmask] = {TRAP_IF_SET, NONE, 1, signal_sigprocmask},
    [__NR_rt_sigsuspend] = {TRAP_IF_SET, NONE, 0, signal_sigsuspend},
    [__NR_ppoll] = {TRAP_IF_SET, NONE, 3, signal_ppoll},
    [__NR_pselect6] = {TRAP_IF_SET, NONE, 5, signal_pselect6},
    [__NR_epoll_pwait] = {TRAP_IF_SET, NONE, 4, signal_epoll_pwait},
    [__NR_epoll_pwait2] = {TRAP_IF_SET, NONE, 4, signal_epoll_pwait},
    [__NR_kill] = {TRAP, NONE, 0, signal_kill},
    [__NR_ptrace] = {TRAP_IF_ZERO, NONE, 0, signal_ptrace}, /* PTRACE_TRACEME */
    [__NR_seccomp] = {SUCCEED, NONE, 0, NULL}, /* a filter of the program's would meet ours */
    [__NR_prctl] = {SUCCEED_IF_SECCOMP, NONE, 0, NULL},

    /* identity: chown(2) and changes of user appear to succeed */
    [__NR_getuid] = {TRAP, NONE, 0, identity_getuid},
    [__NR_geteuid] = {TRAP, NONE, 0, identity_geteuid},
    [__NR_getgid] = {TRAP, NONE, 0, identity_getgid},
    [__NR_getegid] = {TRAP, NONE, 0, identity_getegid},
    [__NR_getresuid] = {TRAP, NONE, 0, identity_getresuid},
    [__NR_getresgid] = {TRAP, NONE, 0, identity_getresgid},
    [__NR_getgroups] = {TRAP, NONE, 0, identity_getgroups},
    [__NR_setuid] = {TRAP, NONE, 0, identity_setuid},
    [__NR_setgid] = {TRAP, NONE, 0, identity_setgid},
    [__NR_setreuid] = {TRAP, NONE, 0, identity_setreuid},
    [__NR_setregid] = {TRAP, NONE, 0, identity_setregid},
    [__NR_setresuid] = {TRAP, NONE, 0, identity_setresuid},
    [__NR_setresgid] = {TRAP, NONE, 0, identity_setresgid},
    [__NR_setfsuid] = {TRAP, NONE, 0, identity_setfsuid},
    [__NR_setfsgid] = {TRAP, NONE, 0, identity_setfsgid},
    [__NR_setgroups] = {SUCCEED, NONE, 0, NULL},
    [__NR_chown] = {SUCCEED, NONE, 0, NULL},
    [__NR_lchown] = {SUCCEED, NONE, 0, NULL},
    [__NR_fchown] = {SUCCEED, NONE, 0, NULL},
    [__NR_fchownat] = {SUCCEED, NONE, 0, NULL},
    [__NR_capset] = {SUCCEED, NONE, 0, NULL},
    [__NR_uname] = {TRAP, NONE, 0, identity_uname},

    /* what opens files unmediated, shows the host's mounts, or resets the handler of SIGSYS */
    [__NR_io_uring_setup] = {REFUSE, NONE, 0, NULL},
    [__NR_io_uring_enter] = {REFUSE, NONE, 0, NULL},
    [__NR_io_uring_register] = {REFUSE, NONE, 0, NULL},
    [__NR_clone3] = {REFUSE, NONE, 0, NULL}, /* CLONE_CLEAR_SIGHAND; libraries fall back to clone */
    [__NR_uselib] = {REFUSE, NONE, 0, NULL},
    [457 /* statmount */] = {REFUSE, NONE, 0, NULL},
    [458 /* listmount */] = {REFUSE, NONE, 0, NULL},
    [__NR_name_to_handle_at] = {REFUSE, NONE, 0, NULL},
    [__NR_open_by_handle_at] = {FORBID, NONE, 0, NULL},
    [__NR_fanotify_init] = {FORBID, NONE, 0, NULL},
    [__NR_mount] = {FORBID, NONE, 0, NULL},
    [__NR_umount2] = {FORBID, NONE, 0, NULL},
    [__NR_pivot_root] = {FORBID, NONE, 0, NULL},
    [__NR_open_tree] = {FORBID, NONE, 0, NULL},
    [__NR_move_mount] = {FORBID, NONE, 0, NULL},
    [__NR_fsopen] = {FORBID, NONE, 0, NULL},
    [__NR_fspick] = {FORBID, NONE, 0, NULL},
    [__NR_mount_setattr] = {FORBID, NONE, 0, NULL},
    [__NR_prlimit64] = {FORBID_OTHERS, NONE, 0, NULL}, /* RLIMIT_CPU could kill the engine */
    [__NR_acct] = {FORBID, NONE, 0, NULL},
    [__NR_swapon] = {FORBID, NONE, 0, NULL},
    [__NR_swapoff] = {FORBID, NONE, 0, NULL},
    [__NR_sethostname] = {FORBID, NONE, 0, NULL},
    [__NR_setdomainname] = {FORBID, NONE, 0, NULL},
};
