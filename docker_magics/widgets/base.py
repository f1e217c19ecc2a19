"""The base class of the widgets.

They bypass a running cell with their messages, load the bundle once per page, and close reliably.

If the front end uses subshells (JupyterLab with ipykernel 7), callbacks run in a separate thread;
otherwise on the main thread between cells. They must not print: a thread's output appears in an
unrelated cell.
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

from docker_magics.phrase import Phrase, language

from . import closing

_HERE = Path(__file__).parent
_SHIM = (_HERE / "src" / "shim.js").read_text(encoding="utf-8")
_BUNDLE = _HERE / "static" / "bundle.js"
_VIEW = "application/vnd.jupyter.widget-view+json"
_WAITING = Phrase(
    "waiting for the kernel. If it has ended, run the cell again.",
    "커널을 기다리고 있어요. 커널이 끝났다면 셀을 다시 실행하세요.",
)
_LOG = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")


def without_parent_header(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Call a function as if no cell were running.

    A comm that is opened while a cell runs belongs to the main shell, and its messages wait until
    the cell ends. ipykernel 7 reads the running cell from the private `_shell_parent`; ipykernel 6
    has no such hook, so messages wait there.
    """
    from ipykernel.kernelbase import Kernel

    parent = getattr(Kernel.instance(), "_shell_parent", None) if Kernel.initialized() else None
    if parent is None:
        return function(*args, **kwargs)

    def call() -> T:
        parent.set({})
        return function(*args, **kwargs)

    return contextvars.copy_context().run(call)


@functools.cache
def _bundle() -> bytes:
    return _BUNDLE.read_bytes()


@functools.cache
def _bundle_key() -> str:
    """Return the hash of the bundle's sources, from its first line."""
    with _BUNDLE.open(encoding="utf-8") as file:
        return file.readline().split()[-1]


class Widget(anywidget.AnyWidget):
    """A widget with its front end in the bundle; it is closed when its cell runs again.

    Attributes:
        part: the name of the front end in the bundle.
        language: the language of the page's texts, "en" or "ko".
    """

    part = ""

    _esm = _SHIM
    _bundle = traitlets.Unicode().tag(sync=True)
    _part = traitlets.Unicode().tag(sync=True)
    _waiting = traitlets.Unicode().tag(sync=True)
    language = traitlets.Unicode().tag(sync=True)

    def __init__(self, *, name: str, **traits: Any) -> None:
        waiting = f"{name}: {_WAITING}"
        own = {"_bundle": _bundle_key(), "_part": self.part, "_waiting": waiting}
        super().__init__(**own, language=language(), **traits)
        self._handle: Any = None
        self._context = contextvars.copy_context()
        self.on_msg(self._on_message)

    # -- messages

    def open(self) -> None:
        """Open the comm; a hook of ipywidgets."""
        without_parent_header(super().open)

    def _send(self, msg: Any, buffers: Any = None) -> None:
        without_parent_header(super()._send, msg, buffers)

    def _on_message(self, _widget: Any, message: Mapping[str, Any], _buffers: Any) -> None:
        """Handle a message of the front end. Log errors: ipywidgets would print them somewhere."""
        try:
            if message.get("kind") == "bundle":
                self.send({"kind": "bundle"}, [_bundle()])
            else:
                self.receive(message)
        except Exception:  # noqa: BLE001 - no caller could handle it
            _LOG.exception("message %r", message.get("kind"))

    def receive(self, message: Mapping[str, Any]) -> None:
        """Handle a message of the front end."""
        raise NotImplementedError

    # -- life

    def show(self, static: Mapping[str, str]) -> None:
        """Show the widget in the running cell.

        Args:
            static: MIME type -> the representation for viewers without widgets.
        """
        closing.add(self)
        view = {"version_major": 2, "version_minor": 0, "model_id": self.model_id}
        self._handle = display({**static, _VIEW: view}, raw=True, display_id=True)

    def replace_with_static(self, static: Mapping[str, str]) -> None:
        """Replace the widget's view by a static representation, which saved notebooks keep.

        Args:
            static: MIME type -> the representation.
        """
        if self._handle is not None:
            # In the cell's context, as the message must name its cell.
            self._context.copy().run(self._handle.update, dict(static), raw=True)

    def end(self) -> None:
        """Start to release threads, connections and processes; return at once."""

    def join(self, seconds: float) -> None:
        """Wait until everything is released, for at most `seconds`."""

    def close(self) -> None:
        """End the widget and remove it from the page."""
        closing.discard(self)
        self.end()
        with contextlib.suppress(Exception):  # the kernel may be ending
            super().close()
