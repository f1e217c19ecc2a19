"""Docker, spoken in a notebook: `%load_ext docker_magics`, then `%docker run hello-world`.

In plain Python, `docker_magics.docker("ps -a")` gives the same results.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from .version import __version__

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

__all__ = ["__version__", "docker", "load_ipython_extension", "unload_ipython_extension"]


def load_ipython_extension(shell: InteractiveShell) -> None:
    """Register %docker, %%docker and %%dockerfile."""
    from .magics import register

    register(shell)


def unload_ipython_extension(shell: InteractiveShell) -> None:
    """Take the magics away again."""
    from .magics import unregister

    unregister(shell)


def docker(line: str, *, input: bytes | str | None = None, **names: Any) -> Any:  # noqa: A002
    """Run a docker command line and give its result; nothing is printed.

    Args:
        line: the line, with or without the word docker.
        input: the command's standard input.
        **names: Python values for `{name}` in the line.

    Returns:
        A pandas.DataFrame for listings, list of str with -q, list of dicts for inspect, the ID
        for create and `run -d`, an Output (a str with `stderr` and `exit_code`) for what a
        process wrote.

    Raises:
        DockerMagicsError: what went wrong, in one line.
    """
    from .cli.terminal import Terminal
    from .session import shared

    data = input.encode() if isinstance(input, str) else input
    terminal = Terminal(io.BytesIO(data or b""), has_input=data is not None)
    return shared().run(line, namespace=names or None, terminal=terminal)
