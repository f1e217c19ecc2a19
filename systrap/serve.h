/* Serves the calls that the filter traps: by a signal, or from a rewritten call site. */
#pragma once
#include "core.h"

/* Install the handler of SIGSYS. */
void serve_signals(void);
/* Where rewritten call sites jump to: rax has the call's number, rcx the way back. */
extern char serve_entry[];
