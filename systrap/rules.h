/* What happens to each system call: one table, which filter and handler read. */
#pragma once
#include "core.h"

enum action {
    ALLOW,               /* the kernel serves it: calls that are not in the table */
    TRAP,                /* `serve` does */
    TRAP_IF_SET,         /* `serve` does if the pointer in `argument` is not NULL */
    TRAP_IF_ZERO,        /* `serve` does if `argument` is 0 */
    TRAP_IF_RESERVED,    /* `serve` does if `argument` is a descriptor of ours */
    TRAP_SIGACTION,      /* `serve` does if it sets an action, or is of SIGSYS */
    SUCCEED,             /* it appears to succeed */
    SUCCEED_IF_RESERVED, /* likewise, if `argument` is a descriptor of ours */
    GUARD_FCNTL,         /* likewise of argument 0; EAGAIN if fcntl(2) sets a lease */
    SUCCEED_IF_SECCOMP,  /* prctl(2) appears to install a filter */
    REFUSE,              /* it does not exist: ENOSYS */
    REFUSE_AUDIT,        /* socket(2) knows no audit: EPROTONOSUPPORT */
    FORBID,              /* EPERM */
    FORBID_OTHERS,       /* EPERM if prlimit(2) changes limits of another process */
};

struct rule {
    u8 action;   /* enum action */
    u8 paths;    /* bits of the arguments that are paths: EFAULT if one is NULL */
    u8 argument; /* which one the action looks at */
    handler *serve;
};

/* Calls from here on are not known: they are refused. */
enum { RULE_COUNT = 463 };
extern const struct rule rules[RULE_COUNT];
