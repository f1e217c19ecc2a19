"""A network helper process that ends instead of starting: the error says why."""

from __future__ import annotations

import errno
import os
import signal
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn

import pytest

from docker_magics.embedded import processes
from docker_magics.embedded.errors import ApiError
from docker_magics.embedded.networks import helper_process
from docker_magics.embedded.networks.helper import NetworkHelper


def deny(_namespace: int | None) -> NoReturn:
    raise PermissionError(errno.EPERM, "Operation not permitted", "unshare")


@pytest.mark.parametrize(
    ("enter", "reason"),
    [
        (deny, r"\[Errno 1\] Operation not permitted: 'unshare'"),
        (lambda _namespace: os._exit(3), "exit status 3"),
        (lambda _namespace: os.kill(os.getpid(), signal.SIGKILL), "killed by SIGKILL"),
    ],
)
def test_a_helper_that_ends_at_its_start(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    enter: Callable[[int | None], object],
    reason: str,
) -> None:
    monkeypatch.setattr(helper_process, "_enter", enter)
    helper_process.fork(tmp_path)
    client = NetworkHelper(tmp_path, lambda *_: 0)
    with pytest.raises(processes.StartError, match=f"^cannot start the network helper: {reason}$"):
        client.keep()
    processes.wait_for_end(client.recorded_pid)


def test_a_replacement_that_ends_at_its_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each request tries again, and fails with the reason."""
    monkeypatch.setattr(processes, "keep", lambda *_: None)
    monkeypatch.setattr(helper_process, "_enter", lambda _namespace: None)
    first = helper_process.fork(tmp_path)
    children = []

    def fork(_module: str, fds: Sequence[int]) -> int:
        children.append(os.fork())
        if not children[-1]:
            monkeypatch.setattr(helper_process, "_enter", deny)
            helper_process.serve(*fds)
        return children[-1]

    client = NetworkHelper(tmp_path, fork)
    client.keep()
    os.kill(first, signal.SIGKILL)
    reason = r"^cannot start the network helper: \[Errno 1\] Operation not permitted: 'unshare'$"
    with pytest.raises(ApiError, match=reason):
        client.enable_loopback(7)
    assert len(children) == 3
