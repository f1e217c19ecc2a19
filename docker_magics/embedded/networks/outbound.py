"""The way out of the engine's networks, where there is one: slirp4netns.

source: slirp4netns(1).
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess

#: The name server that slirp4netns answers at.
NAME_SERVER = "10.0.2.3"


def reason() -> str:
    """Why there is no way out; empty where there is one."""
    if shutil.which("slirp4netns") is None:
        return "slirp4netns is not installed"
    if not os.access("/dev/net/tun", os.R_OK | os.W_OK):
        return "/dev/net/tun is not open to this user"
    return ""


class Outbound:
    """slirp4netns beside the holder; it ends with the engine, also with one that is killed."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._ends, self._alive = os.pipe()

    @property
    def works(self) -> bool:
        """Whether it runs."""
        return self._process is not None and self._process.poll() is None

    def start(self, holder: int) -> None:
        """Connect the holder's network to the outside, once."""
        if self.works or reason():
            return
        ready, says = os.pipe()
        command = ["slirp4netns", "--configure", "--mtu=65520", "--disable-host-loopback"]
        command += [f"--ready-fd={says}", f"--exit-fd={self._ends}", str(holder), "tap0"]
        self._process = subprocess.Popen(  # noqa: S603
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=[says, self._ends],
            start_new_session=True,
        )
        os.close(says)
        with contextlib.suppress(OSError):
            os.read(ready, 1)
        os.close(ready)

    def stop(self) -> None:
        """Let it end."""
        if self._process is not None:
            self._process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(5)
