"""Progress of pull, push, load and import: one total bar, and one bar for each layer.

source: Engine API, the JSON lines of ImageCreate, ImagePush and ImageLoad.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Any, Protocol

from docker_magics.errors import EngineError, Interrupted, clean

from . import human
from .live import Progress

_DONE = {
    "Pull complete",
    "Already exists",
    "Pushed",
    "Layer already exists",
}
_FETCHED = {"Verifying Checksum", "Download complete", "Extracting"}
_BAR = 30
#: Displayed characters of a layer ID; Podman sends whole digests.
_ID_LENGTH = 12
#: Seconds between two checks of how much has been sent.
_POLL_S = 0.1


class Messages(Protocol):
    """A stream of JSON values that another thread can close."""

    def values(self) -> Iterator[Any]:
        """Yield the messages as they arrive."""

    def close(self) -> None:
        """Close the stream."""


class Outgoing(Protocol):
    """The body of a request: bytes sent, and total bytes (0 if unknown)."""

    sent: int
    size: int

    def cancel(self) -> None:
        """Stop sending."""


@dataclass
class Layer:
    """One layer: its status, the bytes done, and the total bytes (0 if unknown)."""

    status: str = ""
    current: int = 0
    total: int = 0

    @property
    def done(self) -> bool:
        """Whether the layer is complete."""
        return self.status in _DONE or self.status.startswith("Mounted from")

    @property
    def fraction(self) -> float:
        """The completed fraction, from 0 to 1; downloading and extracting count half each."""
        if self.done:
            return 1.0
        part = self.current / self.total if self.total else 0.0
        if self.status == "Downloading":
            return part / 2
        if self.status in _FETCHED:
            return 0.5 + (part / 2 if self.status == "Extracting" else 0)
        return part

    @property
    def transferred(self) -> int:
        """The number of bytes transferred."""
        return self.total if self.done or self.status in _FETCHED else self.current

    @property
    def text(self) -> str:
        """The status with its bytes, `Downloading 1.2MB/3.4MB`."""
        if self.done or not self.total:
            return self.status
        return f"{self.status} {human.size(self.current)}/{human.size(self.total)}"


class LayersProgress(Progress):
    """An operation on the layers of an image.

    Args:
        title: the operation, `Pulling busybox:latest`.
        send: sends the request; called in the reading thread.
        finish: the messages' texts -> the result of a successful operation.
        outgoing: the request body, if its progress is to be shown.
        quiet: whether to draw nothing.
        interrupted: the message of the error after an interrupt.
        hint: an error message of the engine -> a hint for the user, or None.
        notices: lines to show before the engine's.
    """

    def __init__(
        self,
        title: str,
        send: Callable[[], Messages],
        finish: Callable[[list[str]], Any],
        *,
        outgoing: Outgoing | None = None,
        quiet: bool = False,
        interrupted: str,
        hint: Callable[[str], str | None],
        notices: Sequence[str] = (),
    ) -> None:
        self._title = title
        self._send = send
        self._finish = finish
        self._outgoing = outgoing
        self._interrupted_message = interrupted
        self._hint = hint
        self._messages: Messages | None = None
        self._interrupted = False
        self._error: str | None = None
        self._ended = False
        self.quiet = quiet
        self.on_stdout = True
        self.layers: dict[str, Layer] = {}
        self.lines = list(notices)
        self._piped = list(notices)

    def arrivals(self) -> Iterator[Mapping[str, Any]]:
        """Send the request and yield the engine's messages."""
        if self._outgoing is None:
            self._messages = self._send()
        else:
            yield from self._sending()
        if self._messages is None:
            return
        if self._interrupted:
            self.close()
        yield from self._messages.values()
        yield {"ended": True}

    def _sending(self) -> Iterator[Mapping[str, Any]]:
        """Send the request in a separate thread; yield empty messages to redraw meanwhile."""
        with ThreadPoolExecutor(1, "docker-magics-send") as pool:
            sending = pool.submit(self._send)
            while not wait([sending], _POLL_S).done:
                yield {}
        try:
            self._messages = sending.result()
        except Interrupted:
            return

    def update(self, arrival: Mapping[str, Any]) -> None:
        """Update the state with a message."""
        self._piped += _piped(arrival)
        if "error" in arrival:
            self._error = str(arrival["error"])
        elif "ended" in arrival:
            self._ended = True
        elif identity := arrival.get("id"):
            self._update_layer(str(identity), arrival)
        elif text := arrival.get("status") or arrival.get("stream"):
            self.lines.append(str(text).rstrip("\n"))

    def _update_layer(self, identity: str, arrival: Mapping[str, Any]) -> None:
        status = str(arrival.get("status", ""))
        if status.startswith("Pulling from"):
            self.lines.append(f"{identity}: {status}")
            return
        if status == identity:  # Podman reports the ID of an imported image like this
            self.lines.append(status)
            return
        layer = self.layers.setdefault(identity, Layer())
        detail = arrival.get("progressDetail") or {}
        layer.status = status
        layer.current = detail.get("current", layer.current)
        layer.total = max(detail.get("total", 0), layer.total)

    def piped_lines(self) -> list[str]:
        """Return the messages since the last call, without those that have a progress bar."""
        lines, self._piped = self._piped, []
        return lines

    def text(self) -> str:
        """Return the status lines, and one line for each unfinished layer.

        The engine's error is not part of it: `result` raises it.
        """
        under_way = [
            f"{identity}: {layer.text}"
            for identity, layer in self.layers.items()
            if not (layer.done or self._all_done)
        ]
        return clean("\n".join([self._headline(), *self.lines, *under_way]))

    def html(self) -> str:
        """Return the total bar, the bytes sent, and the layers as HTML."""
        rows = "".join(_row(identity, layer) for identity, layer in self.layers.items())
        lines = "".join(f"<div>{_text(line)}</div>" for line in self.lines)
        opened = "" if self._all_done else " open"
        layers = (
            f"<details{opened}><summary>{_text(self._counted())}</summary>"
            f'<div role="list" aria-label="Layers" style="{_ROWS}">{rows}</div></details>'
        )
        return (
            f"<div><div>{_text(self._title)}</div>{_bar(self.fraction, self._title)}"
            f"{layers if self.layers else self._sent_html()}{lines}</div>"
        )

    @property
    def fraction(self) -> float:
        """The completed fraction, from 0 to 1; every layer has the same weight."""
        if self._all_done:
            return 1.0
        if self._outgoing and not self.layers:
            return self._outgoing.sent / self._outgoing.size if self._outgoing.size else 0.0
        return sum(layer.fraction for layer in self.layers.values()) / max(len(self.layers), 1)

    @property
    def _all_done(self) -> bool:
        # Podman never reports that a layer is complete.
        return self._ended and self._error is None and not self._interrupted

    def _sent(self) -> str:
        """Return `1.2MB of 3.4MB sent`; "" before anything is sent."""
        if not self._outgoing or not self._outgoing.sent:
            return ""
        size = f" of {human.size(self._outgoing.size)}" if self._outgoing.size else ""
        return f"{human.size(self._outgoing.sent)}{size} sent"

    def _sent_html(self) -> str:
        return f"<div>{_text(sent)}</div>" if (sent := self._sent()) else ""

    def _counted(self) -> str:
        """Return `2/5 layers, 1.2MB of 3.4MB`."""
        layers = list(self.layers.values())
        done = len(layers) if self._all_done else sum(layer.done for layer in layers)
        counted = f"{done}/{len(layers)} layers"
        total = sum(layer.total for layer in layers)
        if not total:
            return counted
        current = total if self._all_done else sum(layer.transferred for layer in layers)
        return f"{counted}, {human.size(current)} of {human.size(total)}"

    def _headline(self) -> str:
        counted = self._counted() if self.layers else self._sent()
        if not counted:
            return self._title
        filled = round(self.fraction * _BAR)
        bar = "#" * filled + "-" * (_BAR - filled)
        return f"{self._title} [{bar}] {counted}"

    def interrupt(self, times: int) -> None:  # noqa: ARG002 - the first ends it
        """Cancel the request."""
        self._interrupted = True
        self.close()

    def close(self) -> None:
        """Close the connection."""
        if self._outgoing is not None:
            self._outgoing.cancel()
        if self._messages is not None:
            self._messages.close()

    def result(self) -> Any:
        """Return what `finish` makes of the messages' texts.

        Raises:
            EngineError: the engine reported an error; the message is the engine's.
            Interrupted: the operation was interrupted.
        """
        if self._interrupted:
            raise Interrupted(self._interrupted_message)
        if self._error is not None:
            raise EngineError(self._error, hint=self._hint(self._error))
        return self._finish(self.lines)


_ROWS = "max-height: 16em; overflow: auto; margin: 0.2em 0 0.4em 1em"
_ROW = (
    "display: grid; grid-template-columns: 9em 10em 1fr; gap: 1em; align-items: center;"
    " font-size: 0.95em"
)
_BAR_STYLE = "width: 30em; max-width: 100%"


def _piped(arrival: Mapping[str, Any]) -> list[str]:
    """Return the line of a message in a pipe.

    source: moby/client, pkg/jsonmessage: Display.
    """
    text = str(arrival.get("stream") or arrival.get("status") or "").rstrip("\n")
    identity, detail = arrival.get("id"), arrival.get("progressDetail") or {}
    if not text or detail.get("current") or detail.get("total"):
        return []
    return [f"{identity}: {text}" if identity and identity != text else text]


def _row(identity: str, layer: Layer) -> str:
    """Return one layer as a row of HTML."""
    return (
        f'<div role="listitem" style="{_ROW}"><code>{_text(identity[:_ID_LENGTH])}</code>'
        f"{_bar(layer.fraction, identity, style='width: 100%')}"
        f"<span>{_text(layer.text)}</span></div>"
    )


def _bar(fraction: float, label: str, *, style: str = _BAR_STYLE) -> str:
    return (
        f'<progress value="{fraction:.3f}" max="1" aria-label="{_text(label)}"'
        f' style="{style}"></progress>'
    )


def _text(text: str | None) -> str:
    return html.escape(clean(text or ""))
