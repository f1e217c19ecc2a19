"""The dashboard: what is on the engine, live, with a button for each thing that can be done.

The page says what was clicked as a docker command line; `action` runs it as a cell would.
"""

from __future__ import annotations

import contextlib
import html
import importlib.util
from collections.abc import Mapping
from typing import Any

import traitlets

from docker_magics.errors import DockerMagicsError, clean
from docker_magics.results.live import Interactive, Panel

from .action import Action
from .base import Widget
from .console import Console
from .meters import Meters
from .outbox import Message, Outbox
from .overview import Overview


class Dashboard(Widget):
    """Containers, images, volumes and networks of one engine.

    Attributes:
        title: the command line.
        proxy: whether ports are reached through jupyter-server-proxy, as on Binder.
        single: whether it shows the containers that were named, not all.
    """

    part = "dashboard"

    title = traitlets.Unicode().tag(sync=True)
    proxy = traitlets.Bool().tag(sync=True)
    single = traitlets.Bool().tag(sync=True)

    def __init__(self, panel: Panel, title: str) -> None:
        proxy = importlib.util.find_spec("jupyter_server_proxy") is not None
        super().__init__(name=title, title=clean(title), proxy=proxy, single=bool(panel.containers))
        self._panel = panel
        self._actions: set[Action] = set()
        self._consoles: list[Console] = []
        self._outbox = Outbox(self._hand_on)
        self._overview = Overview(panel.engine, panel.containers, self._outbox)
        self._meters = Meters(panel.engine, self._outbox)

    def open_in_cell(self) -> None:
        """Show it in the running cell; where no widgets are shown, its table stands there."""
        self.show(self._static())

    def _static(self) -> dict[str, str]:
        table = self._panel.table()
        as_html = getattr(table, "_repr_html_", lambda: html.escape(repr(table)))()
        return {"text/plain": repr(table), "text/html": as_html}

    def _hand_on(self, messages: list[Message]) -> None:
        self.send({"kind": "batch", "messages": messages})

    def receive(self, message: Mapping[str, Any]) -> None:
        """Take a message of the front end."""
        match message.get("kind"):
            case "hello":
                self._overview.refresh("container")
            case "list":
                self._overview.refresh(str(message["what"]))
            case "visible":
                self._meters.show(map(str, message["ids"]))
            case "run":
                self._run(int(message["action"]), str(message["line"]))
            case "hang_up":
                for console in [
                    each for each in self._consoles if each.model_id == message["model"]
                ]:
                    console.end()
            case "stop":
                for action in [each for each in self._actions if each.number == message["action"]]:
                    action.close()

    def _run(self, number: int, line: str) -> None:
        action = Action(
            self._panel.engine,
            number,
            line,
            self._outbox,
            console=self._open_console,
            data=self._send_data,
            done=self._actions.discard,
        )
        self._actions.add(action)

    def _open_console(self, number: int, process: Interactive, title: str) -> None:
        console = Console(process, title)
        self._consoles.append(console)
        self._outbox.put("console", action=number, model=console.model_id)

    def _send_data(self, number: int, data: bytes) -> None:
        self.send({"kind": "data", "action": number}, [data])

    def end(self) -> None:
        """Let go of the engine."""
        self._overview.close()
        self._meters.close()
        self._outbox.close()
        for action in list(self._actions):
            action.close()
        for console in self._consoles:
            console.end()

    def join(self, seconds: float) -> None:
        """Wait for its consoles' processes to go; its table stands in its place."""
        with contextlib.suppress(DockerMagicsError):
            self.leave(self._static())
        for console in self._consoles:
            console.join(seconds)
