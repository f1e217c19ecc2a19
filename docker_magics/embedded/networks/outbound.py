"""Outbound connectivity of the engine's networks: NAT by slirp4netns, where it is available.

source: slirp4netns(1).
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import threading
import time

from ..errors import ApiError
from .helper import NetworkHelper

#: The name server of slirp4netns, which forwards to the host's.
NAME_SERVER = "10.0.2.3"
_INTERFACE = "tap0"
#: Seconds between two checks that the interface is there.
_CHECK_S = 1.0


def unavailable_reason() -> str:
    """Return why containers cannot have outbound connectivity; empty if they can."""
    if shutil.which("slirp4netns") is None:
        return "slirp4netns is not installed"
    if not os.access("/dev/net/tun", os.R_OK | os.W_OK):
        return "/dev/net/tun is not open to this user"
    return ""


class Outbound:
    """Runs slirp4netns for the helper's network namespace.

    slirp4netns ends with the helper, and outlives the engine as the helper does.

    Args:
        helper: the client of the network helper process.
    """

    def __init__(self, helper: NetworkHelper) -> None:
        self._helper = helper
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._is_kept = False

    def connect(self) -> None:
        """Connect the networks to the outside, if that is possible. Idempotent."""
        if unavailable_reason():
            return
        with self._lock:
            self._connect()
            if not self._is_kept:
                self._is_kept = True
                threading.Thread(target=self._keep, name="keeps slirp4netns", daemon=True).start()

    def _connect(self) -> None:
        if self.is_connected():
            return
        with self._helper.exit_pipe() as exit_pipe:
            self._start(self._helper.pid, exit_pipe)
        if self.is_connected():
            self._helper.enable_forwarding()

    def _keep(self) -> None:
        """Connect the networks again when slirp4netns was killed, or has ended with the helper."""
        while True:
            time.sleep(_CHECK_S)
            with self._lock, contextlib.suppress(OSError, ApiError):
                self._connect()

    def is_connected(self) -> bool:
        """Whether the networks are connected, by this engine or an earlier one."""
        return _INTERFACE in self._helper.interfaces()

    def _start(self, pid: int, exit_pipe: int) -> None:
        if self._process is not None:  # the interface is gone, so it serves nothing any more
            self._process.kill()
            self._process.wait()
        ready, ready_writer = os.pipe()
        command = ["slirp4netns", "--configure", "--mtu=65520", "--disable-host-loopback"]
        command += [f"--exit-fd={exit_pipe}", f"--ready-fd={ready_writer}", str(pid), _INTERFACE]
        try:
            self._process = subprocess.Popen(  # noqa: S603
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=[ready_writer, exit_pipe],
                start_new_session=True,
            )
        except OSError:
            os.close(ready)
            raise
        finally:
            os.close(ready_writer)
        with contextlib.suppress(OSError):
            os.read(ready, 1)
        os.close(ready)
