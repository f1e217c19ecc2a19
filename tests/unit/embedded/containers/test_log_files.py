"""The files of a log are read once each and in order, whenever they are rotated."""

from __future__ import annotations

import json
import os
import random
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from unit.embedded.fakes import open_below

from docker_magics.embedded.containers.log_files import LogFiles


class Log:
    """A log of one entry a file: the number of the file. It is rotated step by step.

    Args:
        path: of the newest file.
        max_file: how many files are kept.
    """

    def __init__(self, path: Path, max_file: int = 1000) -> None:
        self.count = 0
        self._path = path
        self._max_file = max_file
        self._write()
        self._steps = self._rotations()

    def rotate(self, times: int = 1) -> None:
        """Rotate the files that often."""
        count = self.count + times
        while self.count < count:
            self.step()

    def step(self) -> None:
        """Make the next system call of the rotations."""
        next(self._steps)

    def _rotations(self) -> Iterator[None]:
        """As `LogFile` rotates."""
        while True:
            for number in range(min(self.count, self._max_file - 1), 0, -1):
                older = self._path if number == 1 else Path(f"{self._path}.{number - 1}")
                older.rename(f"{self._path}.{number}")
                yield
            self._write()
            yield

    def _write(self) -> None:
        entry = {"log": str(self.count), "stream": "stdout", "time": ""}
        self._path.write_text(json.dumps(entry) + "\n")
        self.count += 1


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "log"


def read(files: LogFiles) -> list[int]:
    """Return the numbers of the files that are new."""
    return [int(entry["log"]) for batch in files.read() for entry in batch]


def before_calls(monkeypatch: pytest.MonkeyPatch, act: Callable[[str, str], object]) -> None:
    """Act before each system call of a reader; `act` gets its name and that of the file."""
    busy = [False]

    def patch(function: str) -> None:
        real = getattr(os, function)

        def call(path: str | Path, *arguments: object, **options: object) -> object:
            if not busy[0]:
                busy[0] = True
                act(function, Path(path).name)
                busy[0] = False
            return real(path, *arguments, **options)

        monkeypatch.setattr(os, function, call)

    for function in ("open", "stat", "listdir"):
        patch(function)


def steps(log: Log, choice: random.Random, counts: tuple[int, ...]) -> Callable[[str, str], None]:
    """Return what makes one of the counts of steps, until it was called often enough."""
    calls = iter(range(200))

    def act(_function: str, _file: str) -> None:
        if next(calls, None) is not None:
            for _ in range(choice.choice(counts)):
                log.step()

    return act


def test_rotations_between_two_reads(path: Path) -> None:
    log = Log(path)
    files = LogFiles(path)
    assert read(files) == [0]
    log.rotate(2)
    assert read(files) == [1, 2]
    log.rotate(5)
    assert read(files) == [3, 4, 5, 6, 7]
    assert read(files) == []
    files.close()


@pytest.mark.parametrize("function", ["open", "stat", "listdir"])
@pytest.mark.parametrize("name", ["log", "log.1", "log.2"])
@pytest.mark.parametrize("rotations", [1, 2, 3])
def test_rotations_before_a_file_is_looked_up(
    path: Path, monkeypatch: pytest.MonkeyPatch, function: str, name: str, rotations: int
) -> None:
    log = Log(path)
    files = LogFiles(path)
    received = read(files)
    log.rotate(2)
    todo = [rotations]

    def act(called: str, file: str) -> None:
        if (called, file) == (function, name):
            log.rotate(todo.pop() if todo else 0)

    with monkeypatch.context() as patch:
        before_calls(patch, act)
        received += read(files)
    received += read(files)
    assert received == [*range(log.count)]
    files.close()


@pytest.mark.parametrize("seed", range(30))
def test_rotations_at_any_time(path: Path, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    """The first reader has all files, as has one that begins later, each exactly once."""
    choice = random.Random(seed)
    log = Log(path)
    log.rotate(choice.randrange(5))

    with monkeypatch.context() as patch:
        before_calls(patch, steps(log, choice, (0, 0, 1, 2, 3, 9)))
        readers = LogFiles(path), LogFiles(path)
        received = [read(files) for files in readers]
    for files, numbers in zip(readers, received, strict=True):
        assert numbers + read(files) == [*range(log.count)]
        files.close()


@pytest.mark.parametrize("seed", range(20))
def test_files_that_are_rotated_away_are_lost_and_no_others(
    path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    """The log is rotated less often than its names are looked up."""
    choice = random.Random(seed)
    log = Log(path, max_file=4)
    files = LogFiles(path)

    with monkeypatch.context() as patch:
        before_calls(patch, steps(log, choice, (0, 1, 1)))
        received = read(files)
    received += read(files)
    assert received == sorted(set(received))
    assert received[-1] == log.count - 1
    files.close()


def test_a_log_of_one_file_is_replaced(path: Path) -> None:
    log = Log(path, max_file=1)
    files = LogFiles(path)
    for number in range(3):
        assert read(files) == [number]
        path.unlink()
        log.rotate()
    files.close()


def test_a_removed_log_is_read_to_its_end(path: Path) -> None:
    log = Log(path)
    log.rotate(3)
    files = LogFiles(path)
    shutil.rmtree(path.parent)
    assert read(files) == [0, 1, 2, 3]
    assert read(files) == []
    files.close()


def test_a_log_is_removed_while_its_files_are_opened(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = Log(path)
    log.rotate(3)

    def act(_function: str, file: str) -> None:
        if file == "log.2":
            shutil.rmtree(path.parent, ignore_errors=True)

    with monkeypatch.context() as patch:
        before_calls(patch, act)
        files = LogFiles(path)
    assert read(files) == [2, 3]
    files.close()


def test_a_truncated_log_is_read_again_and_then_followed(path: Path) -> None:
    log = Log(path)
    log.rotate(11)
    files = LogFiles(path)
    assert read(files) == [*range(12)]
    path.write_text('{"log": "7", "stream": "stdout", "time": ""}\n')
    assert read(files) == [7]
    log.rotate(2)
    assert read(files) == [12, 13]
    files.close()


def test_no_file_stays_open(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = Log(path)
    with monkeypatch.context() as patch:
        before_calls(patch, lambda _function, _file: log.step())
        files = LogFiles(path)
    read(files)
    assert len(open_below(path.parent)) == 1
    files.close()
    assert not open_below(path.parent)
