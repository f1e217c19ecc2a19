"""Reading logs."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest
from unit.embedded import fakes

from docker_magics.embedded import clock
from docker_magics.embedded.containers import logs
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
    entries = LogReader(container, LogRange(**range_)).entries()
    return [entry["log"] for entry in entries if entry is not None]


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
    ],
)
def test_ranges(web: Container, range_: dict[str, int], expected: str) -> None:
    web.log_path.write_text("".join(line(text, at + 1) for at, text in enumerate("abcd")))
    assert "".join(read(web, **range_)) == expected


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
    entries = LogReader(web, LogRange(follow=True)).entries()
    first = next(entries)
    assert first is not None
    assert first["log"] == "a"
    with web.log_path.open("a") as file:
        file.write(whole[10:])
    second = next(entries)
    assert second is not None
    assert second["log"] == "b"
    web.process = None
    assert list(entries) == []


def test_following_continues_after_a_rotation(web: Container) -> None:
    web.process = object()  # type: ignore[assignment]
    log = LogFile(str(web.log_path), max_size=200, max_file=3)
    log.write("stdout", b"0\n")
    entries = LogReader(web, LogRange(follow=True)).entries()
    texts = []
    for number in range(1, 6):
        entry = next(entries)
        assert entry is not None
        texts.append(entry["log"])
        log.write("stdout", f"{number}\n".encode())
    web.process = None
    texts += [entry["log"] for entry in entries if entry is not None]
    log.close()
    assert texts == [f"{number}\n" for number in range(6)]
    assert web.log_path.with_name(f"{web.log_path.name}.1").exists(), "it was rotated"


def test_a_quiet_log_is_reported_so_that_the_client_is_looked_at(
    web: Container, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logs, "_QUIET_S", 0.05)
    web.process = object()  # type: ignore[assignment]
    assert next(LogReader(web, LogRange(follow=True)).entries()) is None


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
    entries = LogReader(web, LogRange()).entries()
    web.log_path.unlink()
    assert [entry["log"] for entry in entries if entry] == ["a"]


def test_formats(web: Container) -> None:
    web.log_path.write_text(line("out\n", 1) + line("err\n", 2, "stderr"))

    def encode(format_: LogFormat) -> bytes:
        return b"".join(format_.encode(LogReader(web, LogRange()).entries()))

    framed = frames.encode(frames.Stream.STDOUT, b"out\n")
    framed += frames.encode(frames.Stream.STDERR, b"err\n")
    assert encode(LogFormat(BOTH)) == framed
    assert encode(LogFormat(BOTH, framed=False)) == b"out\nerr\n"
    assert encode(LogFormat(frozenset({"stderr"}), framed=False)) == b"err\n"
    detailed = LogFormat(BOTH, timestamps=True, details="a=b ", framed=False)
    assert encode(detailed).splitlines()[0] == b"2026-01-01T00:00:01Z a=b out"
    assert list(LogFormat(BOTH).encode([None])) == [b""]


def test_all_output_of_a_terminal_has_no_frames(tmp_path: Path) -> None:
    web = fakes.container(tmp_path, config={"Tty": True})
    web.log_path.write_text(line("a") + line("b"))
    assert b"".join(all_output(web, stdout=True, stderr=True)) == b"ab"
    assert b"".join(all_output(web, stdout=False, stderr=True)) == b""
