"""Keeps the engine's environment out of the processes that containers can see.

The kernel shows the environment of a process to whoever may trace it, such as a container with
SYS_PTRACE. So the engine is executed with the variables that Python and its paths need. It reads
the others, among them passwords of proxies and tokens of notebook servers, from a file in memory,
after the zygote is forked.

source: proc(5), /proc/pid/environ; memfd_create(2).
"""

from __future__ import annotations

import json
import os
import re

#: Names the descriptor of the file.
_VARIABLE = "DOCKER_MAGICS_ENVIRONMENT_FD"
_PUBLIC = re.compile(
    "PATH|HOME|USER|LOGNAME|LANG|LANGUAGE|TZ|TMPDIR|VIRTUAL_ENV"
    "|(LC|LD|XDG|PYTHON|COVERAGE|DOCKER_MAGICS)_?[A-Z_]*"
)
#: Of the file; -1 if there is none, or it has been read.
_fds = [-1]


def public() -> dict[str, str]:
    """Return the variables that a container may see."""
    return {name: value for name, value in os.environ.items() if _PUBLIC.fullmatch(name)}


def hide() -> dict[str, str]:
    """Return the environment to execute the engine with, which inherits the file of the others."""
    variables = public()
    hidden = {name: value for name, value in os.environ.items() if name not in variables}
    fd = os.memfd_create("environment", 0)
    with open(fd, "w", encoding="utf-8", closefd=False) as file:
        json.dump(hidden, file)
    return {**variables, _VARIABLE: str(fd)}


def inherit() -> list[int]:
    """Return the descriptor of the file, if this process has inherited one; forks close it."""
    number = os.environ.pop(_VARIABLE, "")
    if not number.isdecimal():
        return []
    _fds[:] = [int(number)]
    os.set_inheritable(_fds[0], False)  # noqa: FBT003 - a positional parameter
    os.register_at_fork(after_in_child=_close)
    return list(_fds)


def restore() -> None:
    """Read the other variables, in the engine itself."""
    if _fds[0] < 0:
        return
    os.lseek(_fds[0], 0, os.SEEK_SET)
    with open(_fds[0], encoding="utf-8", closefd=False) as file:
        os.environ.update(json.load(file))
    _close()


def _close() -> None:
    if _fds[0] >= 0:
        os.close(_fds[0])
    _fds[0] = -1
