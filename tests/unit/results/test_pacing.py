"""Output reaches the view in few messages of bounded size, whole and in order."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from docker_magics.results import pacing
from docker_magics.results.live import Pump
from docker_magics.results.pacing import Allowance, Batches
from docker_magics.wire.frames import Stream

OUT, ERR = Stream.STDOUT, Stream.STDERR


class Recorder:
    """Records messages."""

    def __init__(self) -> None:
        self.messages: list[tuple[Stream, str]] = []

    def __call__(self, stream: Stream, text: str) -> None:
        self.messages.append((stream, text))

    def text(self, stream: Stream) -> str:
        return "".join(text for known, text in self.messages if known == stream)


def test_many_lines_are_few_messages() -> None:
    recorder = Recorder()
    batches = Batches(recorder)
    start = time.monotonic()
    lines = [f"line {number}\n" for number in range(100_000)]
    for line in lines:
        batches.add(OUT, line)
    batches.flush()
    assert recorder.text(OUT) == "".join(lines)
    assert len(recorder.messages) <= 3 + (time.monotonic() - start) / pacing.INTERVAL_S
    assert max(len(text) for _, text in recorder.messages) <= pacing.MAX_MESSAGE


def test_the_first_output_is_shown_at_once_and_the_rest_soon() -> None:
    recorder = Recorder()
    batches = Batches(recorder)
    batches.add(OUT, "a")
    batches.add(OUT, "b")
    assert recorder.messages == [(OUT, "a")]
    time.sleep(pacing.INTERVAL_S)
    batches.write_if_due()
    assert recorder.messages == [(OUT, "a"), (OUT, "b")]


def test_streams_that_alternate_do_not_flood_the_front_end() -> None:
    recorder = Recorder()
    batches = Batches(recorder)
    start = time.monotonic()
    for number in range(20_000):
        batches.add(ERR if number % 2 else OUT, f"{number}\n")
    batches.flush()
    passed = time.monotonic() - start
    assert recorder.messages[:2] == [(OUT, "0\n"), (ERR, "1\n")]
    assert recorder.text(ERR) == "".join(f"{number}\n" for number in range(1, 20_000, 2))
    assert len(recorder.messages) <= 20 + passed / pacing.INTERVAL_S


def test_a_large_piece_is_divided() -> None:
    recorder = Recorder()
    batches = Batches(recorder)
    batches.add(OUT, "x" * (2 * pacing.MAX_MESSAGE + 1))
    assert [len(text) for _, text in recorder.messages] == [*[pacing.MAX_MESSAGE] * 2, 1]


def test_an_allowance_lets_the_writer_wait() -> None:
    allowance = Allowance(100, 0.2)
    start = time.monotonic()
    allowance.spend(60)
    allowance.spend(40)
    assert time.monotonic() - start < 0.1
    allowance.spend(60)
    assert time.monotonic() - start >= 0.2
    allowance.spend(1000)  # more than fits is written alone
    assert time.monotonic() - start >= 0.4


class Numbers:
    """A live result of many items."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.closed = False

    def arrivals(self) -> Iterator[int]:
        yield from range(1, self.count + 1)

    def close(self) -> None:
        self.closed = True


def test_a_pump_passes_all_items_in_order() -> None:
    live: Any = Numbers(10_000)
    pump: Pump[int] = Pump(live)
    assert list(iter(pump.get, None)) == list(range(1, 10_001))
    pump.close()
    assert live.closed


def test_a_pump_that_is_not_read_can_be_closed() -> None:
    live: Any = Numbers(10_000)
    pump: Pump[int] = Pump(live)
    assert pump.get() == 1
    pump.close()
    assert live.closed
