"""The way out of the engine's networks, where there is one: slirp4netns.

source: slirp4netns(1).
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import threading
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .holder import Holder

#: The name server that slirp4netns answers at.
NAME_SERVER = "10.0.2.3"
_INTERFACE = "tap0"


def reason() -> str:
    """Why there is no way out; empty where there is one."""
    if shutil.which("slirp4netns") is None:
        return "slirp4netns is not installed"
    if not os.access("/dev/net/tun", os.R_OK | os.W_OK):
        return "/dev/net/tun is not open to this user"
    return ""


class Outbound:
    """slirp4netns beside the holder, with which it ends; an engine that ends leaves it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None

    def connect(self, holder: Holder) -> None:
        """Connect the holder's network to the outside, where that can be."""
        with self._lock:
            if not self.works(holder) and not reason():
                with holder.lifeline() as lifeline:
                    self._start(holder.pid, lifeline)
                if self.works(holder):
                    holder.ask("outbound")

    @staticmethod
    def works(holder: Holder) -> bool:
        """Whether the holder's network is connected, be it by an earlier engine."""
        try:
            return f"{_INTERFACE}:" in Path(f"/proc/{holder.written_pid}/net/dev").read_text()
        except OSError:
            return False

    def _start(self, pid: int, lifeline: int) -> None:
        if self._process is not None:  # it has let go of the network
            self._process.kill()
            self._process.wait()
        ready, says = os.pipe()
        command = ["slirp4netns", "--configure", "--mtu=65520", "--disable-host-loopback"]
        command += [f"--exit-fd={lifeline}", f"--ready-fd={says}", str(pid), _INTERFACE]
        self._process = subprocess.Popen(  # noqa: S603
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=[says, lifeline],
            start_new_session=True,
        )
        os.close(says)
        with contextlib.suppress(OSError):
            os.read(ready, 1)
        os.close(ready)
