"""Seccomp-BPF programs: calls that a container may not make, and calls that only fake_ownership.

A pretence answers 0 to chown, setuid and their kin without doing them, as Charliecloud's builds
do: with one mapped uid they would fail, and apt, adduser and many entrypoints with them.

source: seccomp(2); linux/audit.h for the architectures; moby profiles/seccomp for what is denied.
"""

from __future__ import annotations

import errno
import platform
import struct
from collections.abc import Collection, Mapping

_LOAD, _JUMP_EQUAL, _JUMP_GE, _JUMP_ANY, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _ERRNO, _KILL = 0x7FFF0000, 0x00050000, 0x80000000
_NUMBER_AT, _ARCH_AT, _FLAGS_AT = 0, 4, 16
_AUDIT_ARCH = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
#: x86_64 has a second set of numbers from here on, which nobody uses but to slip past filters.
_X32 = 0x40000000

#: name -> (x86_64, aarch64); None where the architecture has no such call.
_DENIED = {
    "add_key": (248, 217), "bpf": (321, 280), "fsconfig": (431, 431), "fsmount": (432, 432),
    "fsopen": (430, 430), "init_module": (175, 105), "finit_module": (313, 273),
    "delete_module": (176, 106), "kexec_file_load": (320, 294), "kexec_load": (246, 104),
    "keyctl": (250, 219), "mount_setattr": (442, 442), "move_mount": (429, 429),
    "open_by_handle_at": (304, 265), "open_tree": (428, 428), "perf_event_open": (298, 241),
    "request_key": (249, 218), "setns": (308, 268), "unshare": (272, 97),
    "userfaultfd": (323, 282), "mount": (165, 40), "umount2": (166, 39), "pivot_root": (155, 41),
    "swapon": (167, 224), "swapoff": (168, 225), "reboot": (169, 142), "io_uring_setup": (425, 425),
}  # fmt: skip
#: What a capability allows; source: moby profiles/seccomp/default_linux.go.
_ALLOWED = {
    "SYS_ADMIN": {"bpf", "fsconfig", "fsmount", "fsopen", "mount", "mount_setattr", "move_mount",
                  "open_tree", "perf_event_open", "setns", "umount2", "unshare"},
    "BPF": {"bpf"},
    "DAC_READ_SEARCH": {"open_by_handle_at"},
    "PERFMON": {"perf_event_open"},
    "SYS_BOOT": {"reboot"},
    "SYS_MODULE": {"init_module", "finit_module", "delete_module"},
}  # fmt: skip
_PRETENDED = {
    "chown": (92, None), "fchown": (93, 55), "lchown": (94, None), "fchownat": (260, 54),
    "setuid": (105, 146), "setgid": (106, 144), "setreuid": (113, 145), "setregid": (114, 143),
    "setgroups": (116, 159), "setresuid": (117, 147), "setresgid": (119, 149),
    "setfsuid": (122, 151), "setfsgid": (123, 152), "capset": (126, 91),
    "mknod": (133, None), "mknodat": (259, 33),
}  # fmt: skip
#: Calls with paths in them that are younger than proot 5.1: it would let them see the host's files.
_YOUNG = {
    "renameat2": (316, 276), "execveat": (322, 281), "statx": (332, 291), "clone3": (435, 435),
    "openat2": (437, 437), "faccessat2": (439, 439), "fchmodat2": (452, 452),
}  # fmt: skip
#: clone's number, and its flags that make namespaces; clone3 hides them in memory: no such call.
_CLONE, _CLONE3 = (56, 220), 435
_NAMESPACES = 0x7E020000
_ARCHITECTURES = ("x86_64", "aarch64")


def program(
    *,
    fake_ownership: bool = False,
    caps: Collection[str] | None = None,
    hide_new_calls: bool = False,
) -> bytes:
    """The filter for this machine; empty where there is nothing to filter.

    Args:
        fake_ownership: answer 0 to calls that one mapped uid cannot make.
        caps: refuse, with EPERM, what a container with these capabilities has no business with;
            None: refuse nothing.
        hide_new_calls: ENOSYS for calls that kernels of 2014 lack; programs then use older ones.
    """
    machine = platform.machine()
    filters = fake_ownership or caps is not None or hide_new_calls
    if machine not in _ARCHITECTURES or not filters:
        return b""
    column = _ARCHITECTURES.index(machine)
    answers: dict[int, int] = {}
    clone = None
    if caps is not None:
        allowed: set[str] = set().union(*(_ALLOWED.get(each, ()) for each in caps))
        denied = {name: pair for name, pair in _DENIED.items() if name not in allowed}
        answers |= _numbered(denied, column, _ERRNO | errno.EPERM)
        if "SYS_ADMIN" not in caps:
            answers[_CLONE3] = _ERRNO | errno.ENOSYS
            clone = _CLONE[column]
    if fake_ownership:
        answers |= _numbered(_PRETENDED, column, _ERRNO | 0)
    if hide_new_calls:
        answers |= _numbered(_YOUNG, column, _ERRNO | errno.ENOSYS)
    return _assemble(_AUDIT_ARCH[machine], answers, clone=clone, x32=machine == "x86_64")


def _numbered(
    calls: Mapping[str, tuple[int, int | None]], column: int, answer: int
) -> dict[int, int]:
    return {number: answer for pair in calls.values() if (number := pair[column]) is not None}


def _assemble(arch: int, answers: dict[int, int], *, clone: int | None, x32: bool) -> bytes:
    def instruction(code: int, k: int, yes: int = 0, no: int = 0) -> bytes:
        return struct.pack("HBBI", code, yes, no, k)

    lines = [
        instruction(_LOAD, _ARCH_AT),
        instruction(_JUMP_EQUAL, arch, 1, 0),
        instruction(_RETURN, _KILL),
        instruction(_LOAD, _NUMBER_AT),
    ]
    if x32:
        lines += [instruction(_JUMP_GE, _X32, 0, 1), instruction(_RETURN, _ERRNO | errno.ENOSYS)]
    for number, answer in sorted(answers.items()):
        lines += [instruction(_JUMP_EQUAL, number, 0, 1), instruction(_RETURN, answer)]
    if clone is not None:
        lines += [
            instruction(_JUMP_EQUAL, clone, 0, 3),
            instruction(_LOAD, _FLAGS_AT),
            instruction(_JUMP_ANY, _NAMESPACES, 0, 1),
            instruction(_RETURN, _ERRNO | errno.EPERM),
        ]
    return b"".join([*lines, instruction(_RETURN, _ALLOW)])
