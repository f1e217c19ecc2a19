/* What all files share: types, raw system calls, the call that is served. */
#pragma once

#define _GNU_SOURCE
#include <asm/unistd.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <ucontext.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int64_t i64;

#define LENGTH(array) (sizeof(array) / sizeof *(array))
#define PAGE 4096UL

/* A system call that a program makes. */
struct call {
    u64 number;
    u64 arg[6];
    ucontext_t *context; /* of the signal; NULL if a rewritten call site jumped here */
};

/* Arguments of `call`. */
#define PATH(at) ((const char *)call->arg[at])
#define FD(at) ((int)call->arg[at])

/* Serves a call; returns what the kernel would: a result, or a negative error number. */
typedef i64 handler(const struct call *call);

/* syscall(2): rcx and r11 are lost. */
static inline i64 raw_syscall(u64 number, u64 a, u64 b, u64 c, u64 d, u64 e, u64 f) {
    i64 result;
    register u64 fourth __asm__("r10") = d;
    register u64 fifth __asm__("r8") = e;
    register u64 sixth __asm__("r9") = f;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(number), "D"(a), "S"(b), "d"(c), "r"(fourth), "r"(fifth), "r"(sixth)
                     : "rcx", "r11", "memory");
    return result;
}
#define SYS_PAD(number, a, b, c, d, e, f, ...)                                                     \
    raw_syscall(number, (u64)(a), (u64)(b), (u64)(c), (u64)(d), (u64)(e), (u64)(f))
/* SYS(number, arguments...): arguments that are left out are 0. */
#define SYS(...) SYS_PAD(__VA_ARGS__, 0, 0, 0, 0, 0, 0, 0)

static inline int is_error(i64 result) { return result < 0 && result > -4096; }

/* Close a descriptor; return `result`. */
static inline i64 close_with(i64 fd, i64 result) {
    SYS(__NR_close, fd);
    return result;
}
