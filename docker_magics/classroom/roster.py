"""The learners of a class, read from the progress files in a shared folder."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from docker_magics.course.exercise import Exercise
from docker_magics.course.exercises import sections
from docker_magics.course.progress import FILE, read
from docker_magics.errors import UsageError
from docker_magics.phrase import Phrase

#: Levels of folders that are searched for progress files: /home/NAME/work/notebooks/ko.
_DEPTH = 4
_NO_FOLDER = Phrase("cannot read {folder}: {reason}", "{folder} 폴더를 읽을 수 없어요: {reason}")


@dataclass(frozen=True)
class Learner:
    """A learner's progress, as the file says it.

    Attributes:
        name: the first folder of the file's path below the class's folder ("mina"), the whole path
            if others begin alike ("mina/ko"); for NAME.json its name.
        done: the IDs of the course's exercises that are done; unknown ones do not count.
        changed: when the file was last written; None if it cannot be read.
        problem: why the file cannot be read; "" if it can.
    """

    name: str
    done: frozenset[str]
    changed: datetime | None
    problem: str = ""

    def done_in(self, section: str) -> int:
        """Return the number of exercises of a section that are done."""
        return len(self.done & sections()[section].exercises.keys())

    @property
    def completed(self) -> list[str]:
        """The sections of which all exercises are done, in order."""
        return [
            number
            for number, section in sections().items()
            if section.exercises.keys() <= self.done
        ]

    @property
    def next(self) -> Exercise | None:
        """The first exercise that is not done; None after the last one."""
        return next((exercise for exercise in exercises() if exercise.id not in self.done), None)


def exercises() -> list[Exercise]:
    """Return all exercises of the course, in order."""
    return [exercise for section in sections().values() for exercise in section.exercises.values()]


def learners(folder: Path) -> list[Learner]:
    """Return the learners whose progress files are in a folder, by name.

    A progress file is `course-progress.json` in the folder or up to four levels below it, or
    `NAME.json` in the folder itself. Hidden folders and links to folders are not searched.

    Raises:
        UsageError: the folder cannot be read.
    """
    try:
        own = [
            path for path in folder.iterdir() if path.suffix == ".json" and path.name != FILE.name
        ]
    except OSError as error:
        text = str(_NO_FOLDER).format(folder=folder, reason=error.strerror)
        raise UsageError(text) from error
    members = [_learner(path, path.stem) for path in own]
    closed: list[OSError] = []
    files = _progress_files(folder, closed)
    members += [_learner(path, _name_below(folder, path)) for path in files]
    members += [_closed(folder, error) for error in closed]
    return sorted(_shortened(members), key=lambda learner: learner.name.casefold())


def _shortened(members: list[Learner]) -> Iterator[Learner]:
    """Yield the learners by the first folder's name, if only one of them has it."""
    firsts = Counter(learner.name.partition("/")[0] for learner in members)
    for learner in members:
        first = learner.name.partition("/")[0]
        yield replace(learner, name=first) if firsts[first] == 1 else learner


def _progress_files(folder: Path, closed: list[OSError]) -> Iterator[Path]:
    """Yield the progress files below a folder; add why a folder cannot be read to `closed`."""
    for parent, folders, files in os.walk(folder, onerror=closed.append):
        if FILE.name in (*files, *folders):
            yield Path(parent, FILE.name)
        is_deep = len(Path(parent).relative_to(folder).parts) == _DEPTH
        folders[:] = [] if is_deep else [name for name in folders if not name.startswith(".")]


def _name_below(folder: Path, file: Path) -> str:
    below = file.parent.relative_to(folder)
    return str(below) if below.parts else folder.resolve().name


def _learner(file: Path, name: str) -> Learner:
    shown = _shown(name)
    known = {exercise.id for exercise in exercises()}
    try:
        done = read(file) & known
        changed = datetime.fromtimestamp(file.stat().st_mtime, UTC)
    except UsageError as error:
        return Learner(shown, frozenset(), None, str(error))
    except (OSError, OverflowError, ValueError) as error:  # removed meanwhile; a time of year 10^9
        return Learner(shown, frozenset(), None, str(error))
    return Learner(shown, done, changed)


def _closed(folder: Path, error: OSError) -> Learner:
    name = _name_below(folder, Path(error.filename, FILE.name))
    return Learner(_shown(name), frozenset(), None, str(error.strerror))


def _shown(name: str) -> str:
    """Return a file's name as text; bytes that are not UTF-8 are replaced."""
    return os.fsencode(name).decode(errors="replace")
