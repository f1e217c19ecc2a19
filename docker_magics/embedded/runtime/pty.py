"""Pseudo-terminals: open a pair in a container's devpts, and set its size.

source: pty(7), ioctl_tty(2).
"""

from __future__ import annotations

import fcntl
import os
import struct
import termios

from . import dev

_TIOCSPTLCK = 0x40045431
_TIOCGPTPEER = 0x5441


def open_pair(ptmx: str = "/dev/ptmx") -> tuple[int, int]:
    """Open a terminal in the devpts of `ptmx`; return its master and slave ends.

    Raises:
        OSError: it does not exist, or is another file: an image may have any at this path, and
            opening it could block.
    """
    master = dev.open_device(ptmx, 5, 2, os.O_RDWR | os.O_NOCTTY)
    fcntl.ioctl(master, _TIOCSPTLCK, struct.pack("i", 0))
    slave = fcntl.ioctl(master, _TIOCGPTPEER, os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC)
    return master, slave


def resize(terminal: int, height: int, width: int) -> None:
    """Set the size in rows and columns; the foreground processes receive SIGWINCH."""
    size = struct.pack("HHHH", min(height, 0xFFFF), min(width, 0xFFFF), 0, 0)
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, size)


def become_controlling(slave: int) -> None:
    """Make a terminal the controlling terminal of this session, which has none yet."""
    fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
