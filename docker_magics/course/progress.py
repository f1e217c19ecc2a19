"""The learner's progress over all sections, kept in a file beside the notebooks."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import stat
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from docker_magics.errors import UsageError, clean
from docker_magics.phrase import Phrase

from . import exercises, language
from .check_result import bar, escaped
from .exercise import Section

FILE = Path("course-progress.json")
#: The largest progress file that is read, in bytes; a full one has 600.
MAX_BYTES = 64 * 1024
_DAMAGED = Phrase("not a progress file of the course", "과정의 진도 파일이 아니에요")
_NOT_A_FILE = Phrase("not a regular file", "일반 파일이 아니에요")
_TOO_LARGE = Phrase(f"larger than {MAX_BYTES // 1024} KiB", f"{MAX_BYTES // 1024} KiB보다 커요")


@dataclass
class Learner:
    """The learner's progress; without a file it is kept while the kernel runs.

    Attributes:
        done: the IDs of exercises that passed at least once; later exercises may undo them.
        tries: how often a check ended at the same gap, by the gap's hints; each time reveals one
            hint more.
        file: where `done` is kept; None for nowhere.
    """

    done: set[str] = field(default_factory=set)
    tries: Counter[tuple[Phrase, ...]] = field(default_factory=Counter)
    file: Path | None = None

    def load(self) -> None:
        """Add what the file has; a file that cannot be read counts as empty."""
        if self.file is not None:
            with contextlib.suppress(UsageError):
                self.done |= read(self.file)

    def solve(self, name: str) -> None:
        """Record that an exercise is done; a folder that cannot be written to is no error."""
        self.done.add(name)
        if self.file is None:
            return
        with contextlib.suppress(OSError), _locked(self.file.parent):
            self.load()
            unfinished = self.file.with_name(f".{self.file.name}.{os.getpid()}")
            unfinished.write_text(json.dumps({"done": sorted(self.done)}), encoding="utf-8")
            unfinished.replace(self.file)


def read(file: Path) -> frozenset[str]:
    """Return the IDs of the exercises that a progress file lists; the file may be hostile.

    Raises:
        UsageError: it cannot be read, or is not a progress file.
    """
    try:
        done = json.loads(_content(file))["done"]
    except OSError as error:
        raise UsageError(str(error.strerror)) from error
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise UsageError(str(_DAMAGED)) from error
    if not isinstance(done, list) or not all(isinstance(name, str) for name in done):
        raise UsageError(str(_DAMAGED))
    return frozenset(done)


def _content(file: Path) -> bytes:
    """Return the content of a regular file: a pipe is not waited for, a device not read.

    Raises:
        OSError: it cannot be read.
        UsageError: it is something else, or too large.
    """
    fd = os.open(file, os.O_RDONLY | os.O_NONBLOCK)
    try:
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            raise UsageError(str(_NOT_A_FILE))
        with os.fdopen(fd, "rb", closefd=False) as opened:
            content = opened.read(MAX_BYTES + 1)
    finally:
        os.close(fd)
    if len(content) > MAX_BYTES:
        raise UsageError(str(_TOO_LARGE))
    return content


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Keep other kernels from writing the folder's file meanwhile; readers see a whole file.

    Raises:
        OSError: the folder cannot be locked.
    """
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX)
        yield
    finally:
        os.close(fd)


@dataclass(frozen=True)
class Progress:
    """The exercises that are done, by section, as a cell displays them.

    Attributes:
        sections: the sections, in order.
        done: the IDs of the exercises that are done.
        language: "en" or "ko".
    """

    sections: tuple[Section, ...]
    done: frozenset[str]
    language: str

    def _line(self, section: Section) -> str:
        done, total = len(self.done & section.exercises.keys()), len(section.exercises)
        count = Phrase(f"{done} of {total} done", f"{total}문제 중 {done}개 완료")
        return f"{section.number} {section.title[self.language]}: {count[self.language]}"

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<div>{bar(section, self.done)} {escaped(self._line(section))}</div>"
            for section in self.sections
        )
        return f'<div role="status" style="line-height: 1.8">{rows}</div>'

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:  # noqa: FBT001, ARG002 - IPython's
        printer.text(clean("\n".join(self._line(section) for section in self.sections)))


def progress(*, lang: str | None = None) -> Progress:
    """Return what is done in each section, read from `course-progress.json` in this folder.

    Args:
        lang: "en" or "ko"; the default is the language of DOCKER_MAGICS_LANG.

    Raises:
        UsageError: the language does not exist.
    """
    spoken = language.chosen(lang)
    learner = Learner(file=FILE)
    learner.load()
    return Progress(tuple(exercises.sections().values()), frozenset(learner.done), spoken)
