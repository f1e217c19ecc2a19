"""A container's log: entries, long lines, rotation, and a full disk."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest

from docker_magics.embedded.runtime.logfile import MAX_LINE, LogFile


def entries(path: Path) -> list[dict[str, Any]]:
    """Return the entries of a file."""
    return [json.loads(line) for line in path.read_text().splitlines()]


def texts(path: Path) -> list[tuple[str, str]]:
    """Return stream and text of the entries of a file."""
    return [(entry["stream"], entry["log"]) for entry in entries(path)]


def test_a_line_is_an_entry(tmp_path: Path) -> None:
    log = LogFile(str(tmp_path / "log"))
    log.write("stdout", b"one\ntwo\n")
    log.write("stderr", b"\n")
    assert texts(tmp_path / "log") == [("stdout", "one\n"), ("stdout", "two\n"), ("stderr", "\n")]
    time = entries(tmp_path / "log")[0]["time"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z", time)
    assert (tmp_path / "log").stat().st_mode & 0o777 == 0o600
    log.close()


def test_a_line_is_written_once_it_is_complete(tmp_path: Path) -> None:
    log = LogFile(str(tmp_path / "log"))
    log.write("stdout", b"be")
    log.write("stderr", b"other\n")
    assert texts(tmp_path / "log") == [("stderr", "other\n")]
    log.write("stdout", b"gin\nrest")
    log.close()
    assert texts(tmp_path / "log")[1:] == [("stdout", "begin\n"), ("stdout", "rest")]


def test_long_lines_are_split(tmp_path: Path) -> None:
    log = LogFile(str(tmp_path / "log"))
    log.write("stdout", b"a" * (2 * MAX_LINE + 5) + b"\n")
    log.write("stdout", b"b" * MAX_LINE)
    log.write("stdout", b"c\n")
    log.close()
    assert [len(text) for _, text in texts(tmp_path / "log")] == [
        MAX_LINE, MAX_LINE, 6, MAX_LINE, 2,
    ]  # fmt: skip


def test_bytes_that_are_not_utf8(tmp_path: Path) -> None:
    log = LogFile(str(tmp_path / "log"))
    log.write("stdout", b"\xff\xfe \xe4\xb8\xad\n")
    log.close()
    assert texts(tmp_path / "log") == [("stdout", "\ufffd\ufffd 中\n")]
    assert "中".encode() in (tmp_path / "log").read_bytes(), "as dockerd, without escapes"


def test_an_existing_log_is_continued(tmp_path: Path) -> None:
    for text in (b"first\n", b"second\n"):
        log = LogFile(str(tmp_path / "log"))
        log.write("stdout", text)
        log.close()
    assert [text for _, text in texts(tmp_path / "log")] == ["first\n", "second\n"]


def test_rotation_keeps_the_newest_files(tmp_path: Path) -> None:
    log = LogFile(str(tmp_path / "log"), max_size=1, max_file=3)
    for number in range(5):
        log.write("stdout", b"%d\n" % number)
    log.close()
    files = {path.name: texts(path)[0][1] for path in tmp_path.iterdir()}
    assert files == {"log": "4\n", "log.1": "3\n", "log.2": "2\n"}


def test_rotation_with_one_file(tmp_path: Path) -> None:
    log = LogFile(str(tmp_path / "log"), max_size=100, max_file=1)
    for number in range(10):
        log.write("stdout", b"%d\n" % number)
    log.close()
    assert [path.name for path in tmp_path.iterdir()] == ["log"]
    assert texts(tmp_path / "log")[-1] == ("stdout", "9\n")
    assert len(texts(tmp_path / "log")) == 2, "a file exceeds its size by one line at most"


def test_a_full_disk_loses_lines_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = LogFile(str(tmp_path / "log"))
    log.write("stdout", b"before\n")
    with monkeypatch.context() as patch:

        def write(_fd: int, _data: bytes) -> int:
            raise OSError(28, "No space left on device")

        patch.setattr(os, "write", write)
        log.write("stdout", b"lost\n")
    log.write("stdout", b"after\n")
    log.close()
    assert [text for _, text in texts(tmp_path / "log")] == ["before\n", "after\n"]


def test_a_line_that_fits_in_part_is_lost_as_a_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = LogFile(str(tmp_path / "log"))
    log.write("stdout", b"before\n")
    real_write = os.write
    with monkeypatch.context() as patch:
        room = [100]

        def write(fd: int, data: bytes) -> int:
            if not room[0]:
                raise OSError(28, "No space left on device")
            written = real_write(fd, data[: room[0]])
            room[0] -= written
            return written

        patch.setattr(os, "write", write)
        log.write("stdout", b"fits\nlost\nlost\n")
    log.write("stdout", b"after\n")
    log.close()
    assert [text for _, text in texts(tmp_path / "log")] == ["before\n", "fits\n", "after\n"]


def test_a_full_disk_prevents_a_rotation_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = LogFile(str(tmp_path / "log"), max_size=1, max_file=3)
    log.write("stdout", b"0\n1\n")
    with monkeypatch.context() as patch:

        def open_(*_: object) -> int:
            raise OSError(28, "No space left on device")

        patch.setattr(os, "open", open_)
        log.write("stdout", b"2\n3\n")
    log.write("stdout", b"4\n")
    log.close()
    written = {path.name: [text for _, text in texts(path)] for path in tmp_path.iterdir()}
    assert written == {"log.2": ["0\n"], "log.1": ["1\n", "2\n", "3\n"], "log": ["4\n"]}


def test_a_block_of_lines_is_written_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = []
    monkeypatch.setattr(os, "write", lambda _fd, data: written.append(data) or len(data))
    LogFile(str(tmp_path / "log")).write("stdout", b"x\n" * 1000)
    assert len(written) == 1
    assert written[0].count(b"\n") == 1000


def test_a_log_that_cannot_be_opened(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        LogFile(str(tmp_path / "missing/log"))
