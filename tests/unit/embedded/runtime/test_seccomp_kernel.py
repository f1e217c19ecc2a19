"""The default filter in this machine's kernel: it is accepted, and decides as the interpreter."""

from __future__ import annotations

import json
import platform
import subprocess
import sys
from typing import Any

import pytest

from docker_magics.embedded.runtime import capabilities, seccomp

pytestmark = pytest.mark.skipif(
    platform.machine() != "x86_64" or not seccomp.is_supported(),
    reason="run on an x86_64 whose kernel has seccomp filters: the calls are x86_64's numbers",
)
EPERM, EFAULT, ENOSYS = 1, 14, 38
AF_UNIX, AF_ALG, AF_VSOCK = 1, 38, 40
#: Calls the kernel under a filter: [[number, argument, ...], ...] -> errno of each, 0 for success.
#: `int 0x80` makes a call of the 32-bit ABI.
SCRIPT = """
import base64, ctypes, json, mmap, sys
from docker_magics.embedded import syscalls
spec, calls, calls_32 = json.loads(sys.argv[1])
libc = ctypes.CDLL(None, use_errno=True)
code = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
code.write(bytes.fromhex("53 89f8 89f3 89d1 cd80 5b c3"))  # eax, ebx, ecx = the arguments
address = ctypes.addressof(ctypes.c_char.from_buffer(code))
call_32 = ctypes.CFUNCTYPE(ctypes.c_int, *[ctypes.c_long] * 3)(address)
syscalls.prctl(syscalls.PR_SET_NO_NEW_PRIVS, 1)
syscalls.install_filter(base64.b64decode(spec["program"]), spec["flags"])
results = []
for number, *arguments in calls:
    arguments = [ctypes.c_ulong(value) for value in (*arguments, 0, 0, 0, 0)[:4]]
    failed = libc.syscall(ctypes.c_long(number), *arguments) < 0
    results.append(ctypes.get_errno() if failed else 0)
results_32 = [max(0, -call_32(*(*call, 0, 0)[:3])) for call in calls_32]
print(json.dumps([results, results_32]))
"""


def errors(calls: dict[str, list[int]], calls_32: dict[str, list[int]]) -> Any:
    """Make calls under the default filter; return the errno of each, 0 for success."""
    filter_ = seccomp.default(capabilities.DEFAULT)
    assert filter_ is not None
    given = json.dumps([filter_.as_spec(), list(calls.values()), list(calls_32.values())])
    output = subprocess.check_output([sys.executable, "-c", SCRIPT, given], text=True)
    results, results_32 = json.loads(output)
    return [
        dict(zip(names, numbers, strict=True))
        for names, numbers in ((calls, results), (calls_32, results_32))
    ]


#: What a default container of Docker may not do: the number of a call, and arguments.
DENIED = {
    "personality": [135, 0x40000],
    "socket AF_ALG": [41, AF_ALG, 5],
    "socket AF_VSOCK": [41, AF_VSOCK, 1],
    "socket AF_VSOCK with a high bit": [41, (1 << 32) + AF_VSOCK, 1],
    "get_mempolicy": [239],
    "set_mempolicy": [238],
    "mbind": [237],
    "move_pages": [279],
    "migrate_pages": [256],
    "kcmp": [312, 1, 1],
    "pidfd_getfd": [438, 99],
    "process_madvise": [440, 99],
    "quotactl_fd": [443, 99],
    "sysfs": [139, 3],
    "keyctl": [250],
    "bpf": [321],
    "unshare": [272],
    "clone NEWUSER": [56, 0x10000000],
    "io_uring_setup": [425, 1],
    "userfaultfd": [323],
    "open_by_handle_at": [304],
    "perf_event_open": [298],
    "mount": [165],
}


def test_the_kernel_denies_what_docker_denies() -> None:
    x32 = {"x32 getpid": [0x40000000 + 39]}
    newer = {"newer than the list": [2000]}
    allowed = {"getpid": [39], "personality query": [135, 0xFFFFFFFF], "umask": [95, 0o22]}
    results, results_32 = errors(
        {**DENIED, **x32, **newer, "clone3": [435], **allowed},
        {"getpid": [20], "mount": [21], "socket AF_VSOCK": [359, AF_VSOCK], "newer": [2000]},
    )
    assert {name: results[name] for name in DENIED} == dict.fromkeys(DENIED, EPERM)
    assert {name for name in results if results[name] == ENOSYS} == {*x32, *newer, "clone3"}
    assert [results[name] for name in allowed] == [0, 0, 0]
    if results_32["getpid"] == ENOSYS:
        return  # this kernel runs no 32-bit programs
    assert results_32 == {"getpid": 0, "mount": EPERM, "socket AF_VSOCK": EPERM, "newer": ENOSYS}
