"""The last steps of a process before it becomes a container's program: who it is, what it may.

What fails here is told in runc's words, which clients parse.
source: opencontainers/runc, libcontainer/init_linux.go, finalizeNamespace.
"""

from __future__ import annotations

import contextlib
import errno
import os
import resource
import signal
import stat
from pathlib import Path

from . import capabilities, seccomp, syscalls, users
from .spec import ContainerSpec, ProcessSpec

_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class CannotStart(Exception):
    """The program cannot be started.

    Attributes:
        exit_code: 127 where there is no such program, 126 where it cannot be run, 128 where it
            is not even clear as whom.
    """

    def __init__(self, message: str, exit_code: int = 126) -> None:
        super().__init__(message)
        self.exit_code = exit_code


def become(spec: ProcessSpec, *, pretend: bool) -> None:
    """Take on user, folder, limits and capabilities.

    Args:
        spec: the process.
        pretend: other users are only pretended here.

    Raises:
        CannotStart: the user, or the folder, is none.
    """
    try:
        user = users.resolve(spec.get("user", ""), spec.get("groups") or [], _read)
    except users.NoSuchUser as error:
        raise CannotStart(str(error), 128) from None
    environment = dict(pair.partition("=")[::2] for pair in spec["env"])
    if not environment.get("HOME"):
        spec["env"] = [*(pair for pair in spec["env"] if not pair.startswith("HOME=")),
                       f"HOME={user.home}"]  # fmt: skip
    _set_limits(spec)
    privileged = bool(spec.get("privileged"))
    if spec.get("no_new_privs"):
        syscalls.prctl(syscalls.PR_SET_NO_NEW_PRIVS, 1)
    filter_ = seccomp.program(pretend=pretend, deny=bool(spec.get("seccomp")) and not privileged)
    if not pretend:
        os.setgroups(tuple(dict.fromkeys((user.gid, *user.groups))))
        os.setresgid(user.gid, user.gid, user.gid)
    _enter(spec["cwd"] or "/", make="join" not in spec)
    capabilities.keep_only(spec.get("caps") or [])
    if filter_:
        syscalls.install_filter(filter_)
    if not pretend:
        os.setresuid(user.uid, user.uid, user.uid)


def _read(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _enter(folder: str, *, make: bool) -> None:
    try:
        if make:
            os.makedirs(folder, 0o755, exist_ok=True)
        os.chdir(folder)
    except OSError as error:
        reason = f"chdir to cwd ({folder!r}) set in config.json failed: {_words(error)}"
        raise CannotStart(reason.replace("'", '"')) from None


def _set_limits(spec: ProcessSpec) -> None:
    for limit in spec.get("ulimits") or []:
        kind = getattr(resource, f"RLIMIT_{limit['Name'].upper()}", None)
        if kind is not None:
            # what an engine of an ordinary user cannot raise stays as it is
            with contextlib.suppress(OSError, ValueError):
                resource.setrlimit(kind, (limit["Soft"], limit["Hard"]))
    if score := spec.get("oom_score_adj"):
        with contextlib.suppress(OSError):
            Path("/proc/self/oom_score_adj").write_text(str(score))


def program(spec: ProcessSpec) -> str:
    """Where the program lies, by the container's own PATH.

    Raises:
        CannotStart: there is none that can be executed.
    """
    name = spec["args"][0]
    quoted = f'exec: "{name}"'
    if "/" in name:
        return _checked(name, quoted)
    environment = dict(pair.partition("=")[::2] for pair in spec["env"])
    for folder in environment.get("PATH", _PATH).split(":"):
        path = os.path.join(folder or ".", name)
        with contextlib.suppress(OSError):
            found = os.stat(path)
            if stat.S_ISREG(found.st_mode) and os.access(path, os.X_OK):
                return path
    raise CannotStart(f"{quoted}: executable file not found in $PATH", 127)


def _checked(path: str, quoted: str) -> str:
    try:
        found = os.stat(path)
    except OSError as error:
        code = 127 if error.errno in {errno.ENOENT, errno.ENOTDIR} else 126
        raise CannotStart(f"{quoted}: stat {path}: {_words(error)}", code) from None
    if stat.S_ISDIR(found.st_mode) or not os.access(path, os.X_OK):
        raise CannotStart(f"{quoted}: permission denied")
    return path


def execute(spec: ProcessSpec, path: str) -> None:
    """Become the program; returns only by an exception.

    Raises:
        CannotStart: the kernel cannot execute it.
    """
    for number in range(1, signal.NSIG):
        with contextlib.suppress(OSError, ValueError):
            signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    environment = dict(pair.partition("=")[::2] for pair in spec["env"] if "=" in pair)
    try:
        os.execve(path, spec["args"], environment)  # noqa: S606 - that is what is asked for
    except OSError as error:
        raise CannotStart(f"exec {path}: {_words(error)}", _code(error)) from None


def _code(error: OSError) -> int:
    return 127 if error.errno == errno.ENOENT else 126


def _words(error: OSError) -> str:
    return os.strerror(error.errno or 0).lower()


def reap(child: int) -> int:
    """Be an init: forward signals to the child, reap everyone, give the child's exit code."""

    def forward(number: int, _frame: object) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, number)

    for number in set(signal.Signals) - {signal.SIGCHLD, signal.SIGKILL, signal.SIGSTOP}:
        with contextlib.suppress(OSError, ValueError):
            signal.signal(number, forward)
    while True:
        pid, status = os.wait()
        if pid == child:
            return exit_code(status)


def exit_code(status: int) -> int:
    """What `docker wait` prints of a status of wait(2)."""
    return os.WEXITSTATUS(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status)


def is_init(spec: ContainerSpec) -> bool:
    """Whether the first process is an init of the engine's."""
    return bool(spec.get("init"))
