"""The last steps before a process executes a container's program: user, limits, capabilities.

Errors have runc's messages, which clients parse.
source: opencontainers/runc, libcontainer/init_linux.go, finalizeNamespace.
"""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import stat
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

from .. import syscalls
from ..storage.rootfs import Rootfs
from . import capabilities, id_mapping, privilege_drop, seccomp, users
from .spec import ProcessSpec

_ROOT = ("", "0", "root")
_OUTSIDE = (
    "current working directory is outside of container mount namespace root --"
    " possible container breakout detected"
)
#: The exit code of a program that the kernel refuses to execute.
_REFUSED = 255
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class CannotStart(Exception):
    """The program cannot be started.

    Attributes:
        exit_code: 127 if the program does not exist, 126 if it cannot be executed, 128 if the
            user or folder does not exist.
    """

    def __init__(self, message: str, exit_code: int = 126) -> None:
        super().__init__(message)
        self.exit_code = exit_code


def renounce(spec: ProcessSpec) -> None:
    """Drop a process's privileges, but those to change its user.

    As with runc, the seccomp filter has to allow what follows: to install it needs privileges. The
    working folder may be one that only they can enter.

    Raises:
        CannotStart: the folder does not exist.
    """
    set_limits(spec)
    _change_folder(spec["cwd"] or "/")
    _forbid(spec)
    capabilities.drop_others([*spec["caps"], "SETUID", "SETGID"])


def _forbid(spec: ProcessSpec) -> None:
    capabilities.keep_only(spec["caps"])
    seccomp.install(spec["seccomp"])


def drop_privileges(
    spec: ProcessSpec, *, fake_ownership: bool, has_renounced: bool = False
) -> None:
    """Apply the process's user, working folder, limits, capabilities and seccomp filter.

    Args:
        spec: the process.
        fake_ownership: whether one user ID is mapped, so that a change of user only appears to
            succeed.
        has_renounced: whether `renounce` was called.

    Raises:
        CannotStart: the user or the folder does not exist.
    """
    if fake_ownership:
        start_as_entrypoint_user(spec, may_execute, _read, privilege_drop.ANY)
    user = user_of(spec, _read)
    if not has_renounced:
        set_oom_score(spec)
        set_limits(spec)
    if spec["no_new_privs"]:
        syscalls.prctl(syscalls.PR_SET_NO_NEW_PRIVS, 1)
    if not fake_ownership:
        os.setgroups(tuple(dict.fromkeys((user.gid, *user.groups))))
        os.setresgid(user.gid, user.gid, user.gid)
    if not has_renounced:
        _change_folder(spec["cwd"] or "/")
    if fake_ownership and (user.uid or user.gid):
        id_mapping.appear_as(user.uid, user.gid)  # for programs that refuse to run as root
    if fake_ownership:
        seccomp.fake_ownership()
    if not has_renounced:
        _forbid(spec)
    if not fake_ownership:
        os.setresuid(user.uid, user.uid, user.uid)
    capabilities.drop_others(spec["caps"])


def start_as_entrypoint_user(
    spec: ProcessSpec, may_execute: Callable[[str], bool], read: users.ReadFile, commands: str
) -> None:
    """Start an image's own command as the user to which it would drop privileges.

    Args:
        spec: the process; its user is replaced.
        may_execute: see `find_program`.
        read: reads the container's files.
        commands: see `privilege_drop.target_user`.
    """
    if spec.get("own_command") and spec["user"] in _ROOT:
        with contextlib.suppress(CannotStart):  # reported when the program is executed
            program = find_program(spec, may_execute)
            path = os.path.join(spec["cwd"] or "/", program)
            spec["user"] = privilege_drop.target_user(path, read, commands) or spec["user"]


def user_of(spec: ProcessSpec, read: users.ReadFile) -> users.User:
    """Return the process's user; set HOME in its environment if it is empty.

    Raises:
        CannotStart: the container has no such user.
    """
    try:
        user = users.resolve(spec["user"], spec["groups"], read)
    except users.NoSuchUser as error:
        raise CannotStart(str(error), 128) from None
    if not _environment(spec).get("HOME"):
        others = (pair for pair in spec["env"] if not pair.startswith("HOME="))
        spec["env"] = [*others, f"HOME={user.home}"]
    return user


def _environment(spec: ProcessSpec) -> dict[str, str]:
    return dict(pair.partition("=")[::2] for pair in spec["env"] if "=" in pair)


def _read(path: str) -> str:
    """Read a small file of the container, which may be anything: a pipe, a device, too large."""
    with Rootfs("/") as root:
        return root.read_text(path)


def _change_folder(folder: str) -> None:
    try:
        os.chdir(folder)
    except OSError as error:
        raise working_folder_error(folder, error, made=False) from None
    try:
        os.getcwd()
    except OSError:
        raise CannotStart(_OUTSIDE) from None


def working_folder_error(folder: str, error: OSError, *, made: bool) -> CannotStart:
    """Return the error of a working folder that cannot be entered.

    Args:
        folder: its path.
        error: why.
        made: whether it was to be created: dockerd does that before it calls runc.
    """
    if made and isinstance(error, (FileExistsError, NotADirectoryError)):
        return CannotStart(f"Cannot mkdir: {folder} is not a directory", 128)
    return CannotStart(f'chdir to cwd ("{folder}") set in config.json failed: {_reason(error)}')


def set_limits(spec: ProcessSpec) -> None:
    """Set the limits of a process's resources."""
    for limit in spec["ulimits"]:
        kind = getattr(resource, f"RLIMIT_{limit['Name'].upper()}", None)
        if kind is not None:
            # an ordinary user's engine cannot raise limits: they stay as they are
            with contextlib.suppress(OSError, ValueError):
                resource.setrlimit(kind, (limit["Soft"], limit["Hard"]))


def set_oom_score(spec: ProcessSpec) -> None:
    """Set how likely the kernel ends a process when memory is short."""
    if score := spec.get("oom_score_adj"):
        with contextlib.suppress(OSError):
            Path("/proc/self/oom_score_adj").write_text(str(score))


def find_program(spec: ProcessSpec, may_execute: Callable[[str], bool]) -> str:
    """Return the path of the program, looked up in the container's PATH.

    Args:
        spec: the process.
        may_execute: returns whether a path is an executable file; raises OSError if it does not
            exist.

    Raises:
        CannotStart: no such file is executable.
    """
    name = spec["args"][0]
    quoted = f'exec: "{name}"'
    if "/" in name:
        try:
            if may_execute(name):
                return name
        except OSError as error:
            code = 127 if isinstance(error, (FileNotFoundError, NotADirectoryError)) else 126
            raise CannotStart(f"{quoted}: stat {name}: {_reason(error)}", code) from None
        raise CannotStart(f"{quoted}: permission denied")
    for folder in _environment(spec).get("PATH", _PATH).split(":"):
        path = os.path.join(folder or ".", name)
        with contextlib.suppress(OSError):
            if may_execute(path):
                return path
    raise CannotStart(f"{quoted}: executable file not found in $PATH", 127)


def may_execute(path: str) -> bool:
    """Whether this process may execute a file."""
    return stat.S_ISREG(os.stat(path).st_mode) and os.access(path, os.X_OK)


def execute_or_exit(spec: ProcessSpec, path: str) -> NoReturn:
    """Execute the program. If the kernel refuses it, print why and exit with 255, as runc does."""
    try:
        execute(spec, path)
    except OSError as error:
        os.write(2, f"exec {error.filename}: {_reason(error)}\n".encode())
    except ValueError:  # NUL in an argument or a variable, which images may have
        os.write(2, f"exec {path}: invalid argument\n".encode())
    os._exit(_REFUSED)


def execute(spec: ProcessSpec, path: str) -> None:
    """Execute the program; returns only by an exception.

    Raises:
        OSError: the kernel cannot execute it.
    """
    for number in range(1, signal.NSIG):
        with contextlib.suppress(OSError, ValueError):
            signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    os.execve(path, spec["args"], _environment(spec))  # noqa: S606 - the container's program


def _reason(error: OSError) -> str:
    return os.strerror(error.errno or 0).lower()
