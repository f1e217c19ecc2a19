/* System calls of a hostile program's own: it puts one where systrap's text is, from where the filter
   allows everything. What gets out is printed and counted. */
#pragma once
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

static char *const TEXT = (char *)0x3f0000000000;
static const unsigned char STUB[] = {
    0x48, 0x89, 0xf8,             /* mov %rdi, %rax */
    0x48, 0x89, 0xf7,             /* mov %rsi, %rdi */
    0x48, 0x89, 0xd6,             /* mov %rdx, %rsi */
    0x48, 0x89, 0xca,             /* mov %rcx, %rdx */
    0x4d, 0x89, 0xc2,             /* mov %r8, %r10 */
    0x4d, 0x89, 0xc8,             /* mov %r9, %r8 */
    0x4c, 0x8b, 0x4c, 0x24, 0x08, /* mov 8(%rsp), %r9 */
    0x0f, 0x05, 0xc3,             /* syscall; ret */
};
typedef long raw_call(long number, long a, long b, long c, long d, long e, long f);
static raw_call *raw;
static int escapes;

#define CALL(number, ...) PAD(number, __VA_ARGS__, 0, 0, 0, 0, 0, 0)
#define PAD(number, a, b, c, d, e, f, ...)                                                         \
    raw(number, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), (long)(f))

static void got_out(const char *how) {
    printf("OUT: %s\n", how);
    escapes++;
}

#define MUST_FAIL(how, call)                                                                       \
    do {                                                                                           \
        if ((call) >= 0)                                                                           \
            got_out(how);                                                                          \
    } while (0)

static void take_calls(const char *way) {
    char *page;
    if (!strcmp(way, "remap")) {
        page = mmap(TEXT, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    } else if (!strcmp(way, "mapped")) {
        page = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1,
                    0);
    } else {
        mprotect(TEXT, 4096, PROT_READ | PROT_WRITE | PROT_EXEC);
        page = TEXT;
    }
    memcpy(page, STUB, sizeof STUB);
    raw = (raw_call *)page;
}
