#include "signals.h"
#include "config.h"
#include "text.h"
#include <sys/socket.h>
#include <sys/un.h>

/* struct sigaction, as the kernel has it. */
struct action {
    u64 handler, flags, restorer, mask;
};

static struct action sigsys_action; /* which the program believes to be installed */

i64 signal_sigaction(const struct call *call) {
    const struct action *action = (const struct action *)call->arg[1];
    struct action *old = (struct action *)call->arg[2];
    if (call->arg[0] == SIGSYS) {
        struct action before = sigsys_action;
        if (action)
            sigsys_action = *action;
        if (old)
            *old = before;
        return 0;
    }
    if (!action || call->arg[3] != SIGNAL_SET)
        return SYS(__NR_rt_sigaction, call->arg[0], action, old, call->arg[3]);
    struct action copy = *action;
    copy.mask &= ~SIGSYS_BIT;
    return SYS(__NR_rt_sigaction, call->arg[0], &copy, old, SIGNAL_SET);
}

/* In a signal handler, the mask that counts is the one that it restores. */
static i64 change_mask(u64 *mask, u64 how, const u64 *set, u64 *old) {
    static const u64 never = SIGSYS_BIT | 1UL << (SIGKILL - 1) | 1UL << (SIGSTOP - 1);
    u64 before = *mask;
    if (set) {
        u64 bits = *set & ~never;
        if (how == SIG_BLOCK)
            *mask |= bits;
        else if (how == SIG_UNBLOCK)
            *mask &= ~bits;
        else if (how == SIG_SETMASK)
            *mask = bits;
        else
            return -EINVAL;
    }
    if (old)
        *old = before;
    return 0;
}

i64 signal_sigprocmask(const struct call *call) {
    const u64 *set = (const u64 *)call->arg[1];
    u64 *old = (u64 *)call->arg[2];
    if (call->arg[3] != SIGNAL_SET)
        return -EINVAL;
    if (call->context)
        return change_mask((u64 *)&call->context->uc_sigmask, call->arg[0], set, old);
    u64 copy = set ? *set & ~SIGSYS_BIT : 0;
    return SYS(__NR_rt_sigprocmask, call->arg[0], set ? &copy : NULL, old, SIGNAL_SET);
}

/* Calls with a mask for their time: a handler that runs meanwhile makes calls too. */
i64 signal_sigsuspend(const struct call *call) {
    u64 mask = *(const u64 *)call->arg[0] & ~SIGSYS_BIT;
    return SYS(__NR_rt_sigsuspend, &mask, call->arg[1]);
}

i64 signal_ppoll(const struct call *call) {
    u64 mask = *(const u64 *)call->arg[3] & ~SIGSYS_BIT;
    return SYS(__NR_ppoll, call->arg[0], call->arg[1], call->arg[2], &mask, call->arg[4]);
}

i64 signal_pselect6(const struct call *call) {
    u64 pair[2];
    memcpy(pair, (const void *)call->arg[5], sizeof pair);
    u64 mask = pair[0] ? *(const u64 *)pair[0] & ~SIGSYS_BIT : 0;
    if (pair[0])
        pair[0] = (u64)&mask;
    return SYS(__NR_pselect6, call->arg[0], call->arg[1], call->arg[2], call->arg[3], call->arg[4],
               pair);
}

/* epoll_pwait(2) and epoll_pwait2(2) */
i64 signal_epoll_pwait(const struct call *call) {
    u64 mask = *(const u64 *)call->arg[4] & ~SIGSYS_BIT;
    return SYS(call->number, call->arg[0], call->arg[1], call->arg[2], call->arg[3], &mask,
               call->arg[5]);
}

/* The process that is to be traced from its next execve(2) on. */
static i64 traced;

/* PTRACE_TRACEME: SIGSYS would stop a child of vfork(2), and so its parent, forever. If the memory
   is shared with the parent, as vfork does, the request waits for the execve. */
i64 signal_ptrace(const struct call *call) {
    static volatile i64 probe;
    char path[32];
    i64 seen = 0;
    probe = SYS(__NR_getpid);
    text_put(text_put_number(text_put(path, "/proc/"), (u64)SYS(__NR_getppid)), "/mem");
    i64 fd = SYS(__NR_open, path, O_RDONLY | O_CLOEXEC, 0);
    if (fd >= 0)
        close_with(fd, SYS(__NR_pread64, fd, &seen, sizeof seen, &probe));
    if (seen != probe)
        return SYS(__NR_ptrace, call->arg[0], call->arg[1], call->arg[2], call->arg[3]);
    traced = probe;
    return 0;
}

void signal_before_exec(void) {
    if (!traced || traced != SYS(__NR_getpid))
        return;
    traced = 0;
    SYS(__NR_ptrace, 0, 0, 0, 0);
}

/* Ask who may. Return what kill(2) would. */
static i64 kill_by_other(int pid, int number) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int request[] = {pid, number}, answer = -EPERM;
    i64 fd = SYS(__NR_socket, AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -EPERM;
    text_put(address.sun_path, config.signals);
    if (SYS(__NR_connect, fd, &address, sizeof address) == 0 &&
        SYS(__NR_write, fd, request, sizeof request) > 0)
        SYS(__NR_read, fd, &answer, sizeof answer);
    return close_with(fd, answer);
}

i64 signal_kill(const struct call *call) {
    int pid = call->arg[0] == 1 ? (int)config.init : (int)call->arg[0];
    int number = (int)call->arg[1];
    i64 result = SYS(__NR_kill, pid, number);
    if (result != -EPERM || pid == 0 || pid == -1 || !config.signals[0])
        return result;
    return kill_by_other(pid, number);
}
