"""Progress of pull, push and load: the engine's messages as lines and a bar."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from docker_magics.errors import EngineError, Interrupted
from docker_magics.results.layers import LayersProgress
from docker_magics.results.text import Text


class Answer:
    """A response that streams messages."""

    def __init__(self, *messages: dict[str, Any]) -> None:
        self._messages = messages
        self.closed = False

    def values(self) -> Iterator[Any]:
        yield from self._messages

    def close(self) -> None:
        self.closed = True


def progress(*messages: dict[str, Any]) -> LayersProgress:
    made = LayersProgress(
        "Pulling web:1",
        lambda: Answer(*messages),
        lambda lines: Text(lines[-1]),
        interrupted="The pull was cancelled.",
        hint=lambda message: "Ask." if "denied" in message else None,
    )
    for arrival in made.arrivals():
        made.update(arrival)
    return made


def layer(identity: str, status: str, current: int = 0, total: int = 0) -> dict[str, Any]:
    return {
        "id": identity,
        "status": status,
        "progressDetail": {"current": current, "total": total},
    }


PULL = (
    {"id": "1", "status": "Pulling from library/web"},
    layer("aaa", "Pulling fs layer"),
    layer("bbb", "Already exists"),
    layer("aaa", "Downloading", 500_000, 2_000_000),
)


def test_progress_of_a_pull() -> None:
    pull = progress(*PULL, {"error": "cut off"})
    assert pull.text().splitlines() == [
        "Pulling web:1 [#################-------------] 1/2 layers, 500kB of 2MB",
        "1: Pulling from library/web",
        "aaa: Downloading 500kB/2MB",
    ]  # the error is that of `result`


def test_the_bar_never_decreases() -> None:
    statuses = [
        ("Pulling fs layer", 0),
        ("Downloading", 1_000_000),
        ("Downloading", 2_000_000),
        ("Verifying Checksum", 0),
        ("Download complete", 0),
        ("Extracting", 100_000),
        ("Extracting", 2_000_000),
        ("Pull complete", 0),
    ]
    pull = progress({"error": "still under way"})
    shares = []
    for status, current in statuses:
        pull.update(layer("aaa", status, current, 2_000_000 if current else 0))
        shares.append(pull.fraction)
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0.0, 1.0)


def test_the_final_state() -> None:
    pull = progress(*PULL, {"status": "Digest: sha256:1"}, {"status": "Status: here"})
    assert pull.fraction == 1.0
    assert pull.text().splitlines()[0].endswith("] 2/2 layers, 2MB of 2MB")
    assert pull.result() == "Status: here"


def test_the_engine_s_error_has_a_hint() -> None:
    with pytest.raises(EngineError, match="access denied") as raised:
        progress({"error": "access denied"}).result()
    assert raised.value.hint == "Ask."


def test_an_interrupt_closes_the_connection() -> None:
    answer = Answer(*PULL)
    made = LayersProgress(
        "Pulling", lambda: answer, Text, interrupted="Cancelled.", hint=lambda _: None
    )
    next(made.arrivals())
    made.interrupt(1)
    assert answer.closed
    with pytest.raises(Interrupted, match="Cancelled"):
        made.result()


def test_untrusted_text_is_escaped() -> None:
    evil = "<script>alert(1)</script>\x1b[2J"
    pull = progress(layer(evil, evil, 1, 2), {"status": evil}, {"error": evil})
    assert "<script" not in pull.html()
    assert "\x1b" not in pull.html() + pull.text()


class File:
    """The body of a request."""

    size = 4_000_000

    def __init__(self) -> None:
        self.sent = 0
        self.cancelled = threading.Event()

    def cancel(self) -> None:
        self.cancelled.set()


def loading(file: File, send: Callable[[], Answer]) -> LayersProgress:
    return LayersProgress(
        "Loading web.tar",
        send,
        lambda lines: Text(lines[-1]),
        outgoing=file,
        interrupted="The load was cancelled.",
        hint=lambda _message: None,
    )


def test_an_upload_shows_its_progress() -> None:
    file, go = File(), threading.Event()

    def send() -> Answer:
        file.sent = 1_000_000
        assert go.wait(10)
        file.sent = file.size
        return Answer({"stream": "Loaded image: web\n"})

    made = loading(file, send)
    arrivals = made.arrivals()
    made.update(next(arrivals))
    assert made.text() == "Loading web.tar [########----------------------] 1MB of 4MB sent"
    assert 'value="0.250"' in made.html()
    assert "1MB of 4MB sent" in made.html()
    go.set()
    for arrival in arrivals:
        made.update(arrival)
    assert made.fraction == 1
    assert made.result() == "Loaded image: web"


def test_an_upload_can_be_interrupted() -> None:
    file = File()

    def send() -> Answer:
        assert file.cancelled.wait(10)
        raise Interrupted("it was cancelled")

    made = loading(file, send)
    arrivals = made.arrivals()
    made.update(next(arrivals))
    made.interrupt(1)
    assert list(arrivals) in ([], [{}])
    with pytest.raises(Interrupted, match="The load was cancelled"):
        made.result()
