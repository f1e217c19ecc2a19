"""Reading logs."""

from __future__ import annotations

import json
import os
import shutil
import threading
from collections.abc import Iterable
from pathlib import Path

import pytest
from unit.embedded import fakes
from unit.embedded.fakes import open_below

from docker_magics.embedded import clock
from docker_magics.embedded.containers import log_files, logs
from docker_magics.embedded.containers.log_files import Entry
from docker_magics.embedded.containers.logs import LogFormat, LogRange, LogReader, all_output
from docker_magics.embedded.records.container import Container
from docker_magics.embedded.runtime.logfile import LogFile
from docker_magics.wire import frames

BOTH = frozenset({"stdout", "stderr"})


def line(text: str, second: int = 0, stream: str = "stdout") -> str:
    entry = {"log": text, "stream": stream, "time": f"2026-01-01T00:00:{second:02d}Z"}
    return json.dumps(entry) + "\n"


def at(second: int) -> int:
    return clock.parse(f"2026-01-01T00:00:{second:02d}Z")


@pytest.fixture
def web(tmp_path: Path) -> Container:
    return fakes.container(tmp_path)


def read(container: Container, **range_: int) -> list[str]:
    return texts(LogReader(container, LogRange(**range_)).batches())


def texts(batches: Iterable[list[Entry]]) -> list[str]:
    return [entry["log"] for batch in batches for entry in batch]


def test_a_container_that_never_ran_has_no_entries(web: Container) -> None:
    assert read(web) == []


@pytest.mark.parametrize(
    ("range_", "expected"),
    [
        ({}, "abcd"),
        ({"tail": 2}, "cd"),
        ({"tail": 0}, ""),
        ({"tail": 9}, "abcd"),
        ({"since": at(2)}, "bcd"),
        ({"until": at(2)}, "ab"),
        ({"since": at(2), "until": at(3)}, "bc"),
        ({"tail": 2, "until": at(3)}, "c"),
        ({"since": at(9)}, ""),
        ({"since": -(10**29), "until": 10**29}, "abcd"),
        ({"since": 10**29}, ""),
        ({"until": -(10**29)}, ""),
    ],
)
def test_ranges(web: Container, range_: dict[str, int], expected: str) -> None:
    web.log_path.write_text("".join(line(text, at + 1) for at, text in enumerate("abcd")))
    assert "".join(read(web, **range_)) == expected


def test_a_reader_that_never_begins_leaves_no_file_open(web: Container) -> None:
    """Its client has disconnected before the response."""
    web.log_path.write_text(line("a"))
    LogReader(web, LogRange(follow=True)).batches()
    assert not open_below(web.log_path)


def test_rotated_files_come_first(web: Container) -> None:
    web.log_path.write_text(line("new"))
    web.log_path.with_name(f"{web.log_path.name}.1").write_text(line("old"))
    web.log_path.with_name(f"{web.log_path.name}.2").write_text(line("oldest"))
    assert read(web) == ["oldest", "old", "new"]
    assert read(web, tail=2) == ["old", "new"]


@pytest.mark.parametrize(
    "damage",
    ['{"log": "half\n', "\n", "7\n", "[]\n", '{"log": 1, "stream": "stdout", "time": "x"}\n',
     '{"log": "no stream"}\n', "\x00\x00\n"],
)  # fmt: skip
def test_damaged_lines_are_skipped(web: Container, damage: str) -> None:
    web.log_path.write_text(line("before") + damage + line("after"))
    assert read(web) == ["before", "after"]


def test_a_partial_line_is_read_when_it_is_complete(web: Container) -> None:
    whole = line("b")
    web.log_path.write_text(line("a") + whole[:10])
    web.process = object()  # type: ignore[assignment]
    batches = LogReader(web, LogRange(follow=True, tail=1)).batches()
    assert texts([next(batches)]) == ["a"]
    with web.log_path.open("a") as file:
        file.write(whole[10:])
    assert texts([next(batches)]) == ["b"]
    web.process = None
    assert list(batches) == []


def test_following_continues_after_rotations(web: Container) -> None:
    web.process = object()  # type: ignore[assignment]
    log = LogFile(str(web.log_path), max_size=200, max_file=9)
    log.write("stdout", b"0\n")
    batches = LogReader(web, LogRange(follow=True)).batches()
    received = texts([next(batches)])
    for number in range(1, 20, 2):  # less than a file, then more than one file, ...
        log.write("stdout", f"{number}\n{number + 1}\n".encode() * (1 if number % 4 == 1 else 3))
        received += texts([next(batches)])
    web.process = None
    received += texts(batches)
    log.close()
    assert list(dict.fromkeys(received)) == [f"{number}\n" for number in range(21)]
    assert len(received) == 41
    assert web.log_path.with_name(f"{web.log_path.name}.8").exists(), "it was rotated"


def test_a_truncated_log_is_read_from_its_beginning(web: Container) -> None:
    web.process = object()  # type: ignore[assignment]
    web.log_path.write_text(line("before") * 3)
    batches = LogReader(web, LogRange(follow=True)).batches()
    assert texts([next(batches)]) == ["before"] * 3
    web.log_path.write_text(line("after"))
    assert texts([next(batches)]) == ["after"]


@pytest.mark.parametrize("block", [1, 7, 64, 1 << 18])
@pytest.mark.parametrize("tail", [0, 1, 2, 3, 5, 7, 100])
def test_the_tail_is_read_from_the_end(
    web: Container, monkeypatch: pytest.MonkeyPatch, block: int, tail: int
) -> None:
    monkeypatch.setattr(log_files, "_BLOCK", block)
    web.log_path.with_name(f"{web.log_path.name}.2").write_text(line("a") + line("b"))
    web.log_path.with_name(f"{web.log_path.name}.1").write_text("damaged\n" + line("c") * 2)
    web.log_path.write_text(line("d") + "\n{}\n" + line("e" * 300) + "7\n" + line("g") + '{"log')
    everything = ["a", "b", "c", "c", "d", "e" * 300, "g"]
    assert read(web, tail=tail) == everything[max(0, 7 - tail) :]
    assert read(web) == everything


def test_only_the_end_of_a_large_log_is_read_for_its_tail(
    web: Container, monkeypatch: pytest.MonkeyPatch
) -> None:
    with web.log_path.open("w") as file:
        file.truncate(1 << 30)  # a hole
        file.seek(1 << 30)
        file.write("\n" + line("a") * 3)
    read_bytes = []
    pread = os.pread

    def count(fd: int, size: int, position: int) -> bytes:
        read_bytes.append(size)
        return pread(fd, size, position)

    monkeypatch.setattr(os, "pread", count)
    assert read(web, tail=2) == ["a", "a"]
    assert sum(read_bytes) < 1 << 20


def test_a_quiet_log_is_reported_so_that_the_client_is_looked_at(
    web: Container, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logs, "_QUIET_S", 0.05)
    web.process = object()  # type: ignore[assignment]
    assert next(LogReader(web, LogRange(follow=True)).batches()) == []


def test_following_ends_at_until(web: Container) -> None:
    web.process = object()  # type: ignore[assignment]
    web.log_path.write_text(line("a", 1) + line("b", 9))
    assert read(web, follow=True, until=at(5)) == ["a"]


def test_following_waits_for_a_restart(web: Container) -> None:
    web.log_path.write_text(line("a"))
    web.state["Restarting"] = True

    def end() -> None:
        with web.log_path.open("a") as file:
            file.write(line("b"))
        web.state["Restarting"] = False

    timer = threading.Timer(0.2, end)
    timer.start()
    assert read(web, follow=True) == ["a", "b"]
    timer.join()


def test_a_reader_continues_after_the_container_s_removal(web: Container) -> None:
    web.log_path.write_text(line("a"))
    batches = LogReader(web, LogRange()).batches()
    web.log_path.unlink()
    assert texts(batches) == ["a"]


def test_a_followed_log_is_complete_if_the_container_is_removed(web: Container) -> None:
    web.log_path.write_text(line("a"))
    web.process = object()  # type: ignore[assignment]
    batches = LogReader(web, LogRange(follow=True)).batches()
    assert texts([next(batches)]) == ["a"]
    with web.log_path.open("a") as file:
        file.write(line("b"))
    shutil.rmtree(web.folder)
    web.process = None
    assert texts(batches) == ["b"]


def test_formats(web: Container) -> None:
    web.log_path.write_text(line("out\n", 1) + line("err\n", 2, "stderr"))

    def encode(format_: LogFormat) -> bytes:
        return b"".join(format_.encode(LogReader(web, LogRange()).batches()))

    framed = frames.encode(frames.Stream.STDOUT, b"out\n")
    framed += frames.encode(frames.Stream.STDERR, b"err\n")
    assert encode(LogFormat(BOTH)) == framed
    assert encode(LogFormat(BOTH, framed=False)) == b"out\nerr\n"
    assert encode(LogFormat(frozenset({"stderr"}), framed=False)) == b"err\n"
    detailed = LogFormat(BOTH, timestamps=True, details="a=b ", framed=False)
    assert encode(detailed).splitlines()[0] == b"2026-01-01T00:00:01Z a=b out"
    assert list(LogFormat(BOTH).encode([[]])) == [b""]


def test_all_output_of_a_terminal_has_no_frames(tmp_path: Path) -> None:
    web = fakes.container(tmp_path, config={"Tty": True})
    web.log_path.write_text(line("a") + line("b"))
    assert b"".join(all_output(web, stdout=True, stderr=True)) == b"ab"
    assert b"".join(all_output(web, stdout=False, stderr=True)) == b""
