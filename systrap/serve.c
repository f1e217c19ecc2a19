#include "serve.h"
#include "config.h"
#include "load.h"
#include "patch.h"
#include "rules.h"
#include "signals.h"

static i64 serve(const struct call *call) {
    if (call->number >= RULE_COUNT || !rules[call->number].serve)
        return -ENOSYS; /* trapped by a filter of others */
    const struct rule *rule = &rules[call->number];
    for (int at = 0; rule->paths >> at; at++)
        if (rule->paths >> at & 1 && call->arg[at] < PAGE)
            return -EFAULT;
    return rule->serve(call);
}

/* From a call site that was rewritten. */
__attribute__((used)) i64 serve_jump(u64 number, u64 a, u64 b, u64 c, u64 d, u64 e, u64 f) {
    struct call call = {number, {a, b, c, d, e, f}, NULL};
    return serve(&call);
}

/* All registers but rax, rcx and r11 are kept, as syscall(2) does, and the red zone below the
   stack. No vector register is used. */
__asm__(".text\n"
        ".globl serve_entry\n"
        "serve_entry:\n"
        "  lea -128(%rsp), %rsp\n"
        "  push %rcx\n  push %rdi\n  push %rsi\n  push %rdx\n"
        "  push %r10\n  push %r8\n  push %r9\n  push %rbp\n"
        "  mov %rsp, %rbp\n"
        "  and $-16, %rsp\n"
        "  sub $8, %rsp\n" /* the stack is aligned after the next push */
        "  push %r9\n"     /* the seventh argument */
        "  mov %r8, %r9\n  mov %r10, %r8\n  mov %rdx, %rcx\n"
        "  mov %rsi, %rdx\n  mov %rdi, %rsi\n  mov %rax, %rdi\n"
        "  call serve_jump\n"
        "  mov %rbp, %rsp\n"
        "  pop %rbp\n  pop %r9\n  pop %r8\n  pop %r10\n"
        "  pop %rdx\n  pop %rsi\n  pop %rdi\n  pop %rcx\n"
        "  lea 128(%rsp), %rsp\n"
        "  jmp *%rcx\n"
        ".globl serve_return\n"
        "serve_return:\n"
        "  mov $15, %eax\n" /* rt_sigreturn */
        "  syscall\n");
extern char serve_return[];

static void on_sigsys(int number, const siginfo_t *info, ucontext_t *context) {
    greg_t *registers = context->uc_mcontext.gregs;
    struct call call = {
        (u64)registers[REG_RAX],
        {(u64)registers[REG_RDI], (u64)registers[REG_RSI], (u64)registers[REG_RDX],
         (u64)registers[REG_R10], (u64)registers[REG_R8], (u64)registers[REG_R9]},
        context,
    };
    (void)number;
    if (info->si_code != 1) /* SYS_SECCOMP: others send it for no reason of ours */
        return;
    registers[REG_RAX] = serve(&call);
    if (config.patch && call.number != __NR_execve)
        patch_count((u64)registers[REG_RIP]);
}

void serve_signals(void) {
    static const u64 SA_RESTORER_FLAG = 0x04000000;
    u64 set = SIGSYS_BIT;
    u64 action[] = {(u64)on_sigsys, SA_RESTORER_FLAG | SA_SIGINFO | SA_NODEFER | SA_ONSTACK,
                    (u64)serve_return, 0};
    SYS(__NR_rt_sigprocmask, SIG_UNBLOCK, &set, NULL, SIGNAL_SET);
    i64 result = SYS(__NR_rt_sigaction, SIGSYS, action, NULL, SIGNAL_SET);
    if (result < 0)
        load_fail("cannot handle SIGSYS", result);
}
