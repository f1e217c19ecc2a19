/* Keeps SIGSYS for this program: nothing may block or handle it. See signal(7).
   Has signals sent that the border forbids. */
#pragma once
#include "core.h"

enum { SIGNAL_SET = 8 }; /* bytes of the kernel's sigset_t */
#define SIGSYS_BIT (1UL << (SIGSYS - 1))

handler signal_sigaction, signal_sigprocmask, signal_sigsuspend;
handler signal_ppoll, signal_pselect6, signal_epoll_pwait;
handler signal_ptrace, signal_kill;

/* Ask to be traced, if the process did that before it executes a program. */
void signal_before_exec(void);
