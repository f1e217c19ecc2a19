#include "filter.h"
#include "config.h"
#include "rules.h"
#include <linux/audit.h>
#include <linux/netlink.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/socket.h>

enum {
    NUMBER = offsetof(struct seccomp_data, nr),
    ARCHITECTURE = offsetof(struct seccomp_data, arch),
    POINTER = offsetof(struct seccomp_data, instruction_pointer),
    ARGUMENTS = offsetof(struct seccomp_data, args),
    HIGH = 4, /* the upper half of a number of 64 bits */
};
static const u32 NO_SUCH_CALL = SECCOMP_RET_ERRNO | ENOSYS;
static const u32 NO_SUCH_PROTOCOL = SECCOMP_RET_ERRNO | EPROTONOSUPPORT;
static const u32 SUCCESS = SECCOMP_RET_ERRNO;

static void add(struct filter *filter, int code, u32 value, int if_true, int if_false) {
    filter->code[filter->length++] =
        (struct sock_filter){(u16)code, (u8)if_true, (u8)if_false, value};
}

static void load(struct filter *filter, u32 offset) {
    add(filter, BPF_LD | BPF_W | BPF_ABS, offset, 0, 0);
}

static void answer(struct filter *filter, u32 action) {
    add(filter, BPF_RET | BPF_K, action, 0, 0);
}

/* Jump by so many instructions if the loaded value is equal, greater, or at least as great. */
static void jump_equal(struct filter *filter, u32 value, int if_true, int if_false) {
    add(filter, BPF_JMP | BPF_JEQ | BPF_K, value, if_true, if_false);
}
static void jump_greater(struct filter *filter, u32 value, int if_true, int if_false) {
    add(filter, BPF_JMP | BPF_JGT | BPF_K, value, if_true, if_false);
}
static void jump_least(struct filter *filter, u32 value, int if_true, int if_false) {
    add(filter, BPF_JMP | BPF_JGE | BPF_K, value, if_true, if_false);
}

/* Trap, unless the call comes from this program. */
static void trap(struct filter *filter, u64 text_start, u64 text_end) {
    load(filter, POINTER + HIGH);
    jump_equal(filter, (u32)(text_start >> 32), 0, 4);
    load(filter, POINTER);
    jump_least(filter, (u32)text_start, 0, 2);
    jump_least(filter, (u32)text_end, 1, 0);
    answer(filter, SECCOMP_RET_ALLOW);
    answer(filter, SECCOMP_RET_TRAP);
}

/* The number is loaded, and is this rule's. What follows answers, in every case. */
static void add_rule(struct filter *filter, const struct rule *rule, u64 start, u64 end,
                     u32 last_fd) {
    u32 argument = ARGUMENTS + 8U * rule->argument;
    switch ((enum action)rule->action) {
    case ALLOW: break;
    case TRAP: trap(filter, start, end); break;
    case TRAP_IF_SET:
        load(filter, argument);
        jump_equal(filter, 0, 0, 3);
        load(filter, argument + HIGH);
        jump_equal(filter, 0, 0, 1);
        answer(filter, SECCOMP_RET_ALLOW);
        trap(filter, start, end);
        break;
    case TRAP_IF_ZERO:
        load(filter, argument);
        jump_equal(filter, 0, 1, 0);
        answer(filter, SECCOMP_RET_ALLOW);
        trap(filter, start, end);
        break;
    case TRAP_IF_RESERVED:
        load(filter, argument);
        jump_least(filter, ROOT_FD, 0, 1);
        jump_greater(filter, last_fd, 0, 1);
        answer(filter, SECCOMP_RET_ALLOW);
        trap(filter, start, end);
        break;
    case TRAP_SIGACTION: /* argument 0 is the signal, 1 the action */
        load(filter, ARGUMENTS);
        jump_equal(filter, SIGSYS, 5, 0);
        load(filter, ARGUMENTS + 8);
        jump_equal(filter, 0, 0, 3);
        load(filter, ARGUMENTS + 8 + HIGH);
        jump_equal(filter, 0, 0, 1);
        answer(filter, SECCOMP_RET_ALLOW);
        trap(filter, start, end);
        break;
    case SUCCEED: answer(filter, SUCCESS); break;
    case SUCCEED_IF_RESERVED:
        load(filter, argument);
        jump_least(filter, ROOT_FD, 0, 1);
        jump_greater(filter, last_fd, 0, 1);
        answer(filter, SECCOMP_RET_ALLOW);
        answer(filter, SUCCESS);
        break;
    case GUARD_FCNTL: /* argument 0 is the descriptor, 1 the command */
        load(filter, ARGUMENTS + 8);
        jump_equal(filter, F_SETLEASE, 0, 1);
        answer(filter, SECCOMP_RET_ERRNO | EAGAIN);
        load(filter, ARGUMENTS);
        jump_least(filter, ROOT_FD, 0, 1);
        jump_greater(filter, last_fd, 0, 1);
        answer(filter, SECCOMP_RET_ALLOW);
        answer(filter, SUCCESS);
        break;
    case SUCCEED_IF_SECCOMP:
        load(filter, argument);
        jump_equal(filter, PR_SET_SECCOMP, 1, 0);
        answer(filter, SECCOMP_RET_ALLOW);
        answer(filter, SUCCESS);
        break;
    case REFUSE: answer(filter, NO_SUCH_CALL); break;
    case REFUSE_AUDIT: /* argument 0 is the family, 2 the protocol */
        load(filter, ARGUMENTS);
        jump_equal(filter, AF_NETLINK, 0, 2);
        load(filter, ARGUMENTS + 16);
        jump_equal(filter, NETLINK_AUDIT, 1, 0);
        answer(filter, SECCOMP_RET_ALLOW);
        answer(filter, NO_SUCH_PROTOCOL);
        break;
    case FORBID_OTHERS: /* argument 0 is the process, 2 the new limits */
        load(filter, ARGUMENTS);
        jump_equal(filter, 0, 4, 0);
        load(filter, ARGUMENTS + 16);
        jump_equal(filter, 0, 0, 3);
        load(filter, ARGUMENTS + 16 + HIGH);
        jump_equal(filter, 0, 0, 1);
        answer(filter, SECCOMP_RET_ALLOW);
        answer(filter, SECCOMP_RET_ERRNO | EPERM);
        break;
    case FORBID: answer(filter, SECCOMP_RET_ERRNO | EPERM); break;
    }
}

/* Calls that this program makes most: their rules come first, as the kernel tries one after the
   other. Calls that are always allowed cost nothing: it knows them by number. */
static const u32 OFTEN[] = {__NR_openat2,    __NR_newfstatat, __NR_statx,
                            __NR_readlinkat, __NR_faccessat2, __NR_execve};

static int is_often(u32 number) {
    for (u64 at = 0; at < LENGTH(OFTEN); at++)
        if (OFTEN[at] == number)
            return 1;
    return 0;
}

/* Add the rule of a number, if it has one. The number is loaded, and stays so for other numbers. */
static void add_number(struct filter *filter, u32 number, u64 start, u64 end, u32 last_fd) {
    if (rules[number].action == ALLOW)
        return;
    u16 at = filter->length;
    jump_equal(filter, number, 0, 0);
    add_rule(filter, &rules[number], start, end, last_fd);
    filter->code[at].jf = (u8)(filter->length - at - 1);
}

void filter_build(struct filter *filter, u64 text_start, u64 text_end, u32 last_fd) {
    filter->length = 0;
    load(filter, ARCHITECTURE);
    jump_equal(filter, AUDIT_ARCH_X86_64, 1, 0);
    answer(filter, NO_SUCH_CALL);
    load(filter, NUMBER);
    jump_least(filter, RULE_COUNT, 0, 1); /* the x32 ABI too */
    answer(filter, NO_SUCH_CALL);
    for (u64 at = 0; at < LENGTH(OFTEN); at++)
        add_number(filter, OFTEN[at], text_start, text_end, last_fd);
    for (u32 number = 0; number < RULE_COUNT; number++)
        if (!is_often(number))
            add_number(filter, number, text_start, text_end, last_fd);
    answer(filter, SECCOMP_RET_ALLOW);
}

i64 filter_install(const struct filter *filter) {
    struct sock_fprog program = {filter->length, (struct sock_filter *)filter->code};
    i64 result = SYS(__NR_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    return result < 0 ? result : SYS(__NR_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program);
}
