"""Live results are consumed, shown and returned."""

from __future__ import annotations

import io
import os
import pty
import sys
import termios
import threading
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from IPython.lib.pretty import pretty

from docker_magics.errors import DockerMagicsError, UsageError
from docker_magics.results import show, tty
from docker_magics.results.inspect import InspectList
from docker_magics.results.live import Chain, Interactive, Live, Panel, Process, Progress, Wrapped
from docker_magics.results.show import OutputBuffer, Silent, Streams, View, consume
from docker_magics.results.text import Data, Output
from docker_magics.widgets.cell import Cell
from docker_magics.wire.frames import Frame, Stream

OUT, ERR = Stream.STDOUT, Stream.STDERR


class FakeProcess(Process):
    """A process with given output and exit code."""

    def __init__(self, *frames: tuple[Stream, bytes], code: int = 0) -> None:
        self.frames = frames
        self.code = code
        self.closed = False

    def arrivals(self) -> Iterator[Frame]:
        for stream, data in self.frames:
            yield Frame(stream, data)

    def interrupt(self, times: int) -> str | None:
        return f"interrupt {times}"

    def close(self) -> None:
        self.closed = True

    def result(self) -> int | None:
        return self.code


class FakeTerminal(FakeProcess, Interactive):
    """An interactive process that records its input."""

    stdin = None

    def __init__(self, *frames: tuple[Stream, bytes], code: int = 0) -> None:
        super().__init__(*frames, code=code)
        self.written = b""
        self.sizes: list[tuple[int, int]] = []
        self.is_hung_up = False

    def write(self, data: bytes) -> None:
        self.written += data

    def close_write(self) -> None:
        self.written += b"\x04"

    def resize(self, rows: int, columns: int) -> None:
        self.sizes.append((rows, columns))

    def hang_up(self) -> None:
        self.is_hung_up = True


class FakeProgress(Progress):
    """A download of three chunks."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error
        self.done = 0

    def arrivals(self) -> Iterator[int]:
        yield from (1, 2, 3)
        if self.error:
            raise self.error

    def update(self, arrival: int) -> None:
        self.done = arrival

    def interrupt(self, times: int) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Do nothing."""

    def text(self) -> str:
        return f"{self.done}/3"

    def html(self) -> str:
        return f"<b>{self.done}/3</b>"

    def result(self) -> str:
        return "image"


class Recorded(View):
    """A view that records what it shows."""

    def __init__(self) -> None:
        self.shown: list[tuple[str, str]] = []

    def write(self, stream: Stream, text: str) -> None:
        self.shown.append((stream.name, text))

    def draw(self, progress: Progress, *, last: bool) -> None:
        self.shown.append(("last" if last else "draw", progress.text()))

    def notify(self, text: str) -> None:
        self.shown.append(("notify", text))


def test_a_process_is_shown_and_returned() -> None:
    process, view = FakeProcess((OUT, b"a\xc3"), (ERR, b"!"), (OUT, b"\xa9"), code=3), Recorded()
    output = consume(process, view)
    assert (output, output.stderr, output.exit_code, output.truncated) == ("aé", "!", 3, 0)
    assert view.shown == [("STDOUT", "a"), ("STDERR", "!"), ("STDOUT", "é")]
    assert process.closed


def test_long_output_keeps_head_and_tail(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(show, "MAX_KEPT_BYTES", 4)
    monkeypatch.setattr(show, "_TAIL_BYTES", 3)
    buffer = OutputBuffer()
    assert [buffer.add(piece) for piece in (b"abc", b"def", b"ghi", b"jkl")] == ["abc", "d", "", ""]
    assert buffer.truncated == 2
    assert len(buffer._head) == 2  # noqa: SLF001 - what is dropped takes no memory
    assert buffer.end() == "\n[… 2 bytes are not shown …]\nghijkl"
    assert buffer.text() == "abcd\n[… 2 bytes are not shown …]\nghijkl"


def test_progress_is_drawn_at_its_end_at_least() -> None:
    view = Recorded()
    assert consume(FakeProgress(), view) == "image"
    assert view.shown[-1] == ("last", "3/3")


def test_failed_progress_is_drawn_and_raised() -> None:
    view = Recorded()
    with pytest.raises(UsageError, match="broken"):
        consume(FakeProgress(UsageError("broken")), view)
    assert view.shown[-1] == ("last", "3/3")


def test_quiet_progress_is_not_drawn() -> None:
    view, progress = Recorded(), FakeProgress()
    progress.quiet = True
    assert consume(progress, view) == "image"
    assert view.shown == []
    assert progress.fraction is None


def test_a_chain_runs_one_after_the_other() -> None:
    def rest(pulled: str) -> FakeProcess:
        return FakeProcess((OUT, pulled.encode()))

    assert consume(Chain(FakeProgress(), rest, lambda _: 125), Silent()) == "image"


def test_a_chain_that_fails_has_its_own_exit_code() -> None:
    chain = Chain(FakeProgress(UsageError("broken")), lambda _: None, lambda _: 125)
    with pytest.raises(UsageError) as caught:
        consume(chain, Silent())
    assert caught.value.exit_code == 125


def test_a_wrapped_operation_gives_another_result() -> None:
    wrapped = Wrapped(lambda: FakeProcess((OUT, b"x")), lambda result: [result])
    assert consume(wrapped, Silent()) == ["x"]


def test_a_failed_wrapped_operation_has_a_partial_result() -> None:
    def fail() -> Any:
        raise DockerMagicsError("broken", result="half")

    with pytest.raises(DockerMagicsError) as caught:
        consume(Wrapped(fail, lambda result: [result]), Silent())
    assert caught.value.result == ["half"]


def test_a_panel_is_a_table_without_a_page() -> None:
    panel = Panel(None, (), table=lambda: "table", text=str)
    assert consume(panel, Silent()) == "table"


def test_other_values_are_returned_unchanged() -> None:
    assert consume(["a"], Silent()) == ["a"]


def test_an_unknown_live_result_cannot_be_shown() -> None:
    class Other(Live[int]):
        arrivals = interrupt = close = result = None  # type: ignore[assignment]

    with pytest.raises(TypeError, match="cannot show a Other"):
        consume(Other(), Silent())


def test_streams_write_to_stdout_and_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    view = Streams()
    consume(FakeProcess((OUT, b"out\n"), (ERR, b"err\n")), view)
    consume(FakeProgress(), view)
    view.notify("note")
    assert capsys.readouterr() == ("out\n3/3\n", "err\nnote\n")


def test_a_terminal_is_redrawn_in_place(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    view, progress = Streams(), FakeProgress()
    view.draw(progress, last=False)
    view.draw(progress, last=True)
    assert capsys.readouterr().out == "0/3\n\x1b[1F\x1b[J0/3\n"


def test_without_a_terminal_an_interactive_process_is_a_script() -> None:
    output = consume(FakeTerminal((OUT, b"hi"), code=4), Streams())
    assert (output, output.exit_code) == ("hi", 4)


class Displays:
    """A replacement of IPython's display that records bundles by display ID."""

    def __init__(self) -> None:
        self.bundles: list[dict[str, str]] = []

    def __call__(self, bundle: dict[str, str], **_: Any) -> Displays:
        self.bundles.append(bundle)
        return self

    def update(self, bundle: dict[str, str], **_: Any) -> None:
        self.bundles[-1] = bundle


@pytest.fixture
def displays(monkeypatch: pytest.MonkeyPatch) -> Displays:
    fake = Displays()
    monkeypatch.setattr("IPython.display.display", fake)
    return fake


def test_a_cell_draws_progress_in_one_place(displays: Displays) -> None:
    assert consume(FakeProgress(), Cell("docker pull x")) == "image"
    assert displays.bundles == [{"text/plain": "3/3", "text/html": "<b>3/3</b>"}]


def test_a_cell_shows_a_script_as_one_transcript(displays: Displays) -> None:
    cell = Cell("docker exec -it web sh", has_input=True)
    output = consume(FakeTerminal((OUT, b"$ exit 3\r\n"), code=3), cell)
    assert (output, output.bytes, output.exit_code) == ("$ exit 3", b"$ exit 3\r\n", 3)
    (bundle,) = displays.bundles
    assert bundle["text/plain"] == "$ docker exec -it web sh\n$ exit 3\n[exited with code 3]"


def test_a_console_needs_a_front_end() -> None:
    terminal = FakeTerminal()
    with pytest.raises(UsageError, match="interactive commands need a live front end"):
        consume(terminal, Cell("docker exec -it web sh", has_page=False))
    assert terminal.is_hung_up


def test_a_dashboard_without_a_front_end_is_a_table() -> None:
    panel = Panel(None, (), table=lambda: "table", text=str)
    assert consume(panel, Cell("docker ui", has_page=False)) == "table"


class OnTerminal(FakeTerminal):
    """A process that ends when a key arrives."""

    def __init__(self, *frames: tuple[Stream, bytes], code: int = 0) -> None:
        super().__init__(*frames, code=code)
        self.typed = threading.Event()

    def arrivals(self) -> Iterator[Frame]:
        yield Frame(OUT, b"prompt> ")
        assert self.typed.wait(10)
        yield Frame(OUT, b"bye")

    def write(self, data: bytes) -> None:
        super().write(data)
        self.typed.set()


class TypesAtPrompt(io.BytesIO):
    """A terminal's output; types q at the first write."""

    def __init__(self, keyboard: int) -> None:
        super().__init__()
        self.keyboard = keyboard

    def write(self, data: Any) -> int:
        if not self.getvalue():
            os.write(self.keyboard, b"q")
        return super().write(data)


def test_a_terminal_is_attached_and_restored(monkeypatch: pytest.MonkeyPatch) -> None:
    ours, theirs = pty.openpty()
    before = termios.tcgetattr(theirs)
    output = TypesAtPrompt(ours)
    with os.fdopen(theirs, "r+b", buffering=0) as terminal:
        monkeypatch.setattr(sys, "stdin", terminal)
        monkeypatch.setattr(sys, "stdout", SimpleNamespace(buffer=output))
        process = OnTerminal(code=7)
        assert tty.attach_terminal(process) == 7
        assert output.getvalue() == b"prompt> bye"
        assert process.written == b"q"
        assert len(process.sizes) == 1
        assert termios.tcgetattr(terminal) == before
    os.close(ours)


def test_inspect_shows_json_as_text_and_folds_in_a_page() -> None:
    value = InspectList(
        [{"Name": "<web>", "Ports": {}, "State": {"Pid": 1, "Args": ["a", {"b": 2}]}}]
    )
    assert pretty(value).startswith('[\n    {\n        "Name": "<web>",')
    page = value._repr_html_()
    assert "<summary>{…} &lt;web&gt;</summary>" in page
    assert page.count("<details open>") == 1
    assert "<summary><b>Args</b>: [2]</summary>" in page
    assert "<div><b>Pid</b>: 1</div>" in page


@pytest.mark.parametrize(
    ("value", "text"),
    [(Data(b"x" * 1234), "<1,234 bytes>"), (Output("shown"), "'shown'")],
)
def test_other_results(value: Any, text: str) -> None:
    assert pretty(value) == text


class FakeConsole:
    """A console whose process has ended, or not."""

    has_ended = True

    def __init__(self, process: FakeTerminal, title: str) -> None:
        self.process, self.title = process, title

    def open_in_cell(self) -> None:
        """Do nothing."""

    def wait(self, **_: float) -> bool:
        return self.has_ended


@pytest.mark.parametrize(
    ("ends", "ended", "code"), [(False, True, None), (True, True, 3), (True, False, None)]
)
def test_a_cell_waits_for_commands_that_end_by_themselves(
    monkeypatch: pytest.MonkeyPatch,
    ends: bool,  # noqa: FBT001 - a parameter of the test
    ended: bool,  # noqa: FBT001
    code: int | None,
) -> None:
    monkeypatch.setattr("docker_magics.widgets.console.Console", FakeConsole)
    monkeypatch.setattr(FakeConsole, "has_ended", ended)
    terminal = FakeTerminal(code=3)
    terminal.ends_by_itself = ends
    assert getattr(consume(terminal, Cell("docker exec -it web ls")), "exit_code", None) == code


def test_a_cell_writes_to_its_streams(capsys: pytest.CaptureFixture[str]) -> None:
    consume(FakeProcess((OUT, b"a\n"), (ERR, b"b\n")), Cell("docker logs web"))
    assert capsys.readouterr() == ("a\n", "b\n")
