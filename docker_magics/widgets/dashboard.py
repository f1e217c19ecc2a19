"""The dashboard: a live view of the engine's objects, with buttons for docker commands.

The page sends each click as a docker command line; `action` runs it as a cell would.
"""

from __future__ import annotations

import contextlib
import html
import importlib.util
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

import traitlets

from docker_magics.errors import DockerMagicsError, clean
from docker_magics.results.live import Interactive, Panel
from docker_magics.results.show import Silent

from .action import Action
from .base import Widget
from .browse import Browse
from .console import Console
from .meters import Meters
from .outbox import Message, Outbox
from .overview import Overview

_TABLE = (
    "font-family: var(--jp-code-font-family, monospace); font-size: 13px; line-height: 1.5;"
    " white-space: pre; overflow-x: auto; margin: 0; padding: 4px 0"
)


class Dashboard(Widget):
    """Containers, images, volumes and networks of one engine.

    Attributes:
        title: the command line.
        proxy: whether to link ports through jupyter-server-proxy, as on Binder.
        host: the host name of the engine's machine, where ports are published; "" if local.
        single: whether it shows only the containers named on the command line.
    """

    part = "dashboard"

    title = traitlets.Unicode().tag(sync=True)
    proxy = traitlets.Bool().tag(sync=True)
    host = traitlets.Unicode().tag(sync=True)
    single = traitlets.Bool().tag(sync=True)

    def __init__(self, panel: Panel, title: str) -> None:
        proxy = importlib.util.find_spec("jupyter_server_proxy") is not None
        super().__init__(
            name=title,
            title=clean(title),
            proxy=proxy,
            host=_host(panel.engine.address.host),
            single=bool(panel.containers),
        )
        self._panel = panel
        self._actions: set[Action] = set()
        self._consoles: list[Console] = []
        self._outbox = Outbox(self._send_batch)
        self._overview = Overview(panel.engine, panel.containers, self._outbox)
        self._meters = Meters(panel.engine, self._outbox)

    def open_in_cell(self) -> None:
        """Show the dashboard in the running cell; viewers without widgets show a table."""
        self.show(self._static())

    def _static(self) -> dict[str, str]:
        text = clean(self._panel.text().rstrip("\n"))
        table = f'<pre style="{_TABLE}">{html.escape(text)}</pre>'
        return {"text/plain": text, "text/html": table}

    def _send_batch(self, messages: list[Message]) -> None:
        self.send({"kind": "batch", "messages": messages})

    def receive(self, message: Mapping[str, Any]) -> None:
        """Handle a message of the front end."""
        match message.get("kind"):
            case "list":
                self._overview.refresh(str(message["what"]))
            case "visible":
                self._meters.show(str(message["view"]), map(str, message["ids"]))
            case "ping":
                self._meters.keep_alive(str(message["view"]))
                self._outbox.put("pong")
            case "run":
                self._act(Action, message, str(message["line"]))
            case "browse":
                self._act(Browse, message, str(message["container"]), str(message["folder"]))
            case "hang_up":
                self._hang_up(str(message["model"]))
            case "stop":
                self._stop(int(message["action"]))

    def _act(self, kind: Callable[..., Action], message: Mapping[str, Any], *what: str) -> None:
        action = kind(
            self._panel.engine,
            int(message["action"]),
            *what,
            outbox=self._outbox,
            console=self._open_console,
            data=self._send_data,
            done=self._actions.discard,
        )
        self._actions.add(action)

    def _stop(self, number: int) -> None:
        for action in [candidate for candidate in self._actions if candidate.number == number]:
            action.close()

    def _hang_up(self, model: str) -> None:
        for console in [candidate for candidate in self._consoles if candidate.model_id == model]:
            console.end()

    def _open_console(self, number: int, process: Interactive, title: str) -> None:
        console = Console(process, title)
        self._consoles.append(console)
        self._outbox.put("console", action=number, model=console.model_id)

    def _send_data(self, number: int, data: bytes) -> None:
        self.send({"kind": "data", "action": number}, [data])

    def end(self) -> None:
        """End all actions, consoles and connections to the engine."""
        self._overview.close()
        self._meters.close()
        self._outbox.close()
        for action in list(self._actions):
            action.close()
        for console in self._consoles:
            console.end()

    def join(self, seconds: float) -> None:
        """Leave a table in the notebook, and wait for the consoles' processes to end."""
        with contextlib.suppress(DockerMagicsError):
            self.replace_with_static(self._static())
        for console in self._consoles:
            console.join(seconds)


class Detached(Silent):
    """A view that returns the dashboard, for the caller to display."""

    def open(self, panel: Panel) -> Dashboard:
        """Return the dashboard."""
        return Dashboard(panel, "docker ui")


def _host(address: str) -> str:
    """Return the host name in an engine's address; "" for this machine."""
    split = urlsplit(address)
    is_local = split.scheme in {"unix", "npipe", "fd"} or split.hostname in {
        "localhost",
        "127.0.0.1",
    }
    return "" if is_local else split.hostname or ""
