"""Run Docker commands in Jupyter: `%load_ext docker_magics`, then `%docker run hello-world`.

In plain Python, `docker_magics.docker("ps -a")` returns the same results.
"""

from __future__ import annotations

import io
import sys
from typing import TYPE_CHECKING, Any

from .version import __version__

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from .widgets.dashboard import Dashboard

__all__ = [
    "__version__",
    "dashboard",
    "docker",
    "load_ipython_extension",
    "unload_ipython_extension",
]


def load_ipython_extension(shell: InteractiveShell) -> None:
    """Register %docker, %%docker and %%dockerfile.

    Raises:
        UsageError: this is Windows.
    """
    if sys.platform == "win32":
        from IPython.core.error import UsageError

        raise UsageError("cannot load docker_magics on Windows: start Jupyter in WSL 2")
    from .magics import register

    register(shell)


def unload_ipython_extension(shell: InteractiveShell) -> None:
    """Remove the magics."""
    from .magics import unregister

    unregister(shell)


def docker(line: str, *, input: bytes | str | None = None, **names: Any) -> Any:  # noqa: A002
    """Run a docker command line and return its result; nothing is printed.

    Args:
        line: the line, with or without the word docker.
        input: the command's standard input.
        **names: Python values for `{name}` and `$name` in the line. Without any, braces stay as
            typed.

    Returns:
        A pandas.DataFrame for listings, a list of str with -q, a list of dicts for inspect, the
        ID (str) for create and `run -d`, and for processes their Output (a str with `stderr` and
        `exit_code`).

    Raises:
        DockerMagicsError: the command failed; the message is one line.
    """
    from .cli.terminal import Terminal
    from .session import shared

    data = input.encode() if isinstance(input, str) else input
    stdin = io.BytesIO(data or b"")
    terminal = Terminal(stdin, has_input=data is not None, is_required=bool(data))
    return shared().run(line, namespace=names or None, terminal=terminal)


def dashboard(*containers: str) -> Dashboard:
    """Return the dashboard `%docker ui` as a widget, for marimo, Voilà or a layout of one's own.

    Args:
        *containers: names or IDs of containers to show; by default all.

    Raises:
        DockerMagicsError: a container does not exist, or the engine does not answer.
    """
    from .session import shared
    from .widgets.dashboard import Detached

    widget: Dashboard = shared().run_args(["ui", *containers], view=Detached())
    return widget
