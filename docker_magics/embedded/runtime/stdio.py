"""The standard streams of a process, on the shim's side."""

from __future__ import annotations

import os


class Stdio:
    """The standard streams of a process: a terminal, or three pipes.

    Args:
        tty: whether the process has a terminal.
        stdin: whether its standard input is open.
        once: whether its standard input is closed after the first client.

    Attributes:
        outputs: descriptor -> stdout or stderr.
        input: the descriptor of its standard input; -1 if it is closed.
        theirs: the process's ends: stdin (None if it is closed), stdout and stderr; None for a
            terminal.
    """

    def __init__(self, *, tty: bool, stdin: bool, once: bool) -> None:
        self.tty = tty
        self.has_stdin = stdin
        self.once = once
        self.outputs: dict[int, str] = {}
        self.input = -1
        self.theirs: tuple[int | None, int, int] | None = None
        if not tty:
            self._make_pipes()

    def _make_pipes(self) -> None:
        their_in = None
        if self.has_stdin:
            their_in, self.input = os.pipe()
        out, their_out = os.pipe()
        err, their_err = os.pipe()
        self.outputs = {out: "stdout", err: "stderr"}
        self.theirs = (their_in, their_out, their_err)

    def take_terminal(self, master: int) -> None:
        """Use the master end of a terminal that was opened inside the container."""
        self.outputs = {master: "stdout"}
        self.input = master

    def close_theirs(self) -> None:
        """Close the process's ends, after it has inherited them."""
        for fd in self.theirs or ():
            if fd is not None:
                os.close(fd)
        self.theirs = None

    def close_input(self) -> None:
        """Close the process's standard input. A terminal stays open, as it is the output too."""
        if self.input >= 0 and not self.tty:
            os.close(self.input)
        self.input = -1
