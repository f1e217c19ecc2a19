"""What the widgets share: messages that pass a busy cell, one bundle a page, a certain end.

Callbacks run in another thread than cells where the front end uses subshells (JupyterLab with
ipykernel 7), and on the main thread between cells elsewhere. They never print: what a thread prints
lands in another cell.
"""

from __future__ import annotations

import contextlib
import contextvars
import functools
import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import anywidget
import traitlets
from IPython.display import display

from . import closing

_HERE = Path(__file__).parent
_SHIM = (_HERE / "src" / "shim.js").read_text(encoding="utf-8")
_BUNDLE = _HERE / "static" / "bundle.js"
_VIEW = "application/vnd.jupyter.widget-view+json"
_LOG = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")


def without_parent_header(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Call it as if no cell were running.

    A comm that is heard of while a cell runs belongs to the main shell: its messages then wait
    until the cell ends. ipykernel 7 looks at `_shell_parent` for that, a private name; where there
    is none (ipykernel 6) nothing helps.
    """
    from ipykernel.kernelbase import Kernel

    parent = getattr(Kernel.instance(), "_shell_parent", None) if Kernel.initialized() else None
    if parent is None:
        return function(*args, **kwargs)

    def as_nobody() -> T:
        parent.set({})
        return function(*args, **kwargs)

    return contextvars.copy_context().run(as_nobody)


@functools.cache
def _bundle() -> bytes:
    return _BUNDLE.read_bytes()


@functools.cache
def _bundle_key() -> str:
    """The hash of the bundle's sources, from its first line."""
    with _BUNDLE.open(encoding="utf-8") as file:
        return file.readline().split()[-1]


class Widget(anywidget.AnyWidget):
    """A widget whose front end is `part` of the bundle; it is closed when its cell runs again.

    Attributes:
        part: the bundle's entry.
    """

    part = ""

    _esm = _SHIM
    _bundle = traitlets.Unicode().tag(sync=True)
    _part = traitlets.Unicode().tag(sync=True)
    _waiting = traitlets.Unicode().tag(sync=True)

    def __init__(self, *, name: str, **traits: Any) -> None:
        waiting = f"{name}: waiting for the kernel. If it has ended, run the cell again."
        super().__init__(_bundle=_bundle_key(), _part=self.part, _waiting=waiting, **traits)
        self._handle: Any = None
        self._context = contextvars.copy_context()
        self.on_msg(self._take)

    # -- messages

    def open(self) -> None:
        """Tell the front end of it: a hook of ipywidgets."""
        without_parent_header(super().open)

    def _send(self, msg: Any, buffers: Any = None) -> None:
        without_parent_header(super()._send, msg, buffers)

    def _take(self, _widget: Any, message: Mapping[str, Any], _buffers: Any) -> None:
        """A message of the front end. An error is logged: ipywidgets would print it somewhere."""
        try:
            if message.get("kind") == "bundle":
                self.send({"kind": "bundle"}, [_bundle()])
            else:
                self.receive(message)
        except Exception:  # noqa: BLE001 - there is nobody to raise it to
            _LOG.exception("message %r", message.get("kind"))

    def receive(self, message: Mapping[str, Any]) -> None:
        """Take a message of the front end."""
        raise NotImplementedError

    # -- life

    def show(self, static: Mapping[str, str]) -> None:
        """Show it in the running cell.

        Args:
            static: MIME type -> what shows in its place where no widgets are shown.
        """
        closing.add(self)
        view = {"version_major": 2, "version_minor": 0, "model_id": self.model_id}
        self._handle = display({**static, _VIEW: view}, raw=True, display_id=True)

    def replace_with_static(self, static: Mapping[str, str]) -> None:
        """Put what stays in its place, for saved notebooks: the widget's own view goes."""
        if self._handle is not None:
            # In the cell's own context: the message names the cell that it belongs to.
            self._context.copy().run(self._handle.update, dict(static), raw=True)

    def end(self) -> None:
        """Let go of the engine: threads, connections, processes. Returns at once."""

    def join(self, seconds: float) -> None:
        """Wait until all of that has happened."""

    def close(self) -> None:
        """End it, and take it from the page."""
        closing.discard(self)
        self.end()
        with contextlib.suppress(Exception):  # the kernel may be ending
            super().close()
