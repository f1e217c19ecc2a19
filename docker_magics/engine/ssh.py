"""Connections over ssh to the docker CLI of another machine.

source: docker/cli, cli/connhelper.
"""

from __future__ import annotations

import socket
import subprocess
import threading
from urllib.parse import urlsplit

#: The docker CLI's options of ssh: no terminal, and a connect timeout.
_SSH = ("ssh", "-o", "ConnectTimeout=30", "-T")
#: Seconds to wait for ssh's error message after the connection ended.
_STDERR_TIMEOUT_S = 2.0


def dial_stdio(url: str) -> tuple[str, ...]:
    """Return the ssh command that connects stdin and stdout to the engine.

    Args:
        url: `ssh://user@host:22/PATH`.
    """
    split = urlsplit(url)
    user = ("-l", split.username) if split.username else ()
    port = ("-p", str(split.port)) if split.port else ()
    socket_path = split.path.rstrip("/")
    docker = ("docker", "--host", f"unix://{socket_path}") if socket_path else ("docker",)
    return (*_SSH, *user, *port, "--", split.hostname or "", *docker, "system", "dial-stdio")


def _connected_process(command: tuple[str, ...], sock: socket.socket) -> subprocess.Popen[bytes]:
    # In a new session, as in the CLI: an interrupt is meant for the container.
    return subprocess.Popen(  # noqa: S603 - ssh, no shell
        command,
        stdin=sock.fileno(),
        stdout=sock.fileno(),
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


class SshSocket(socket.socket):
    """A socket connected to the stdin and stdout of a command.

    Raises:
        OSError: the command cannot be started.
    """

    def __init__(self, command: tuple[str, ...]) -> None:
        here, there = socket.socketpair()
        super().__init__(fileno=here.detach())
        self._stderr = b""
        with there:
            try:
                self._process = _connected_process(command, there)
            except OSError:
                self.close()
                raise
        self._reaper = threading.Thread(target=self._reap, daemon=True, name="docker-magics-ssh")
        self._reaper.start()

    def _reap(self) -> None:
        """Wait for the command, which exits with the connection, and keep its stderr."""
        if self._process.stderr is not None:
            with self._process.stderr as stream:
                self._stderr = stream.read()
        self._process.wait()

    def error_message(self) -> str:
        """Return the command's stderr after its exit."""
        self._reaper.join(_STDERR_TIMEOUT_S)
        return self._stderr.decode(errors="replace").strip()
