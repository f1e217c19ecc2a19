"""Each exercise: it fails before and for wrong answers, and passes for each right one."""

from __future__ import annotations

import runpy
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pexpect
import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from traitlets.config import Config

from docker_magics.course.checking import find_gaps
from docker_magics.course.exercises import find, sections
from docker_magics.course.resetting import reset
from tools import images

ATTEMPTS = Path(__file__).parent / "attempts"
SETTLED_S = 20
CTRL_D, DETACH = "\x04", "\x10\x11"
#: Exercise -> whether the answer is right, its cells, a line of a terminal and what is typed there.
TYPED = {
    "03.7": [
        (
            True,
            "%docker run -d --name cafe busybox sleep 600",
            "exec -it cafe sh",
            ["echo kimchi > /menu\n", CTRL_D],
        ),
        (
            False,
            "%docker run -d --name cafe busybox sleep 600",
            "exec -it cafe sh",
            ["echo kimchi\n", "exit\n"],
        ),
    ],
    "03.9": [
        (True, "", "run -it --name guest busybox sh", ["echo Mina > /visitor\n", CTRL_D]),
        (True, "", "run -ti --name guest busybox", ["cd /\n", "echo M >visitor\n", "exit\n"]),
        (False, "", "run -it --name guest busybox sh", [CTRL_D]),
        (False, "", "run -it --name guest busybox sh", ["echo Mina > visitr\n", CTRL_D]),
        (False, "", "run -it --name guest busybox sh", ["echo Mina > /visitor\n", DETACH]),
    ],
}
#: The exercises that give something broken to mend.
BROKEN = {
    *("03.10", "03.11", "03.12", "04.4", "04.6", "04.7", "04.8", "05.2", "05.3", "05.6", "05.7"),
    *("06.4", "06.5", "07.1", "07.4"),
}
EXERCISES = [name for section in sections().values() for name in section.exercises]


def attempts(kind: str) -> dict[str, list[str]]:
    """Return the attempts of all sections, RIGHT or WRONG: exercise -> cells."""
    files = (runpy.run_path(str(path)) for path in sorted(ATTEMPTS.glob("*.py")))
    return {name: cells for file in files for name, cells in file[kind].items()}


@pytest.fixture(scope="module")
def address(start: Callable[[str], str]) -> str:
    """The embedded engine, with all images of the course."""
    engine = start("embedded")
    images.provide(engine)
    return engine


@pytest.fixture
def cells(
    engine: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[str], None]]:
    """A function that runs a cell in a notebook with a session, in a temporary folder."""
    assert engine
    monkeypatch.chdir(tmp_path)
    InteractiveShell.clear_instance()
    shell: Any = InteractiveShell.instance(config=Config({"HistoryManager": {"enabled": False}}))

    def run(source: str) -> None:
        with capture_output():
            shell.run_cell(source)

    run("%load_ext docker_magics\n%docker session start attempts\nfrom pathlib import Path")
    yield run
    run("%docker session prune -f\n%docker session stop")
    InteractiveShell.clear_instance()


def gaps(name: str) -> list[str]:
    return [gap.what.en for gap in find_gaps(find(name)[1])]


def gaps_in_the_end(name: str) -> list[str]:
    """Return what is missing after some seconds at most: a detached container's program starts."""
    deadline = time.monotonic() + SETTLED_S
    while (missing := gaps(name)) and time.monotonic() < deadline:
        time.sleep(0.2)
    return missing


@pytest.mark.parametrize("name", EXERCISES)
def test_only_right_answers_pass(name: str, cells: Callable[[str], None]) -> None:
    reset(name)
    assert gaps(name), "it is done before it begins"
    right = [find(name)[1].solution, *attempts("RIGHT")[name]]
    for cell in attempts("WRONG")[name]:
        cells(cell)
        assert gaps(name), f"a wrong answer passes: {cell}"
        reset(name)
    for cell in right:
        cells(cell)
        assert gaps_in_the_end(name) == [], f"a right answer fails: {cell}"
        assert name in str(reset(name, lang="ko"))
    assert gaps(name), "it is still done after a reset"


@pytest.mark.parametrize("name", list(TYPED))
def test_answers_typed_into_a_terminal(name: str, cells: Callable[[str], None]) -> None:
    for is_right, cell, line, typed in TYPED[name]:
        reset(name)
        cells(cell)
        type_into(line, typed)
        assert (gaps(name) == []) == is_right, (line, typed)
        cells("%docker rm -f cafe guest")


def type_into(line: str, typed: list[str]) -> None:
    """Run a docker line in a real terminal, and type something at each prompt."""
    shell = pexpect.spawn(
        sys.executable, ["-m", "docker_magics", *line.split()], encoding="utf-8", timeout=60
    )
    for keys in typed:
        shell.expect("# ")
        shell.send(keys)
    shell.expect(pexpect.EOF)
    shell.close()


def test_each_exercise_has_two_right_and_three_wrong_answers() -> None:
    for name in EXERCISES:
        assert len({find(name)[1].solution, *attempts("RIGHT")[name]}) >= 2, name
        assert len(attempts("WRONG")[name]) >= 3, name


def test_fifteen_exercises_give_something_broken() -> None:
    """That each fails until it is mended, `test_only_right_answers_pass` shows."""
    assert len(BROKEN) == 15
    assert all(find(name)[1].given for name in BROKEN)


def test_all_gaps_but_an_engine_s_refusal_have_hints(cells: Callable[[str], None]) -> None:
    """Each first gap leads to a hint, whatever was done."""
    assert cells
    for name in EXERCISES:
        reset(name)
        assert any(gap.hints for gap in find_gaps(find(name)[1])), name
