"""Removing what the course made, and nothing else; putting the engine where a step begins."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from docker_magics.course import fresh, reset, set_aside
from docker_magics.course.exercises import find, sections
from docker_magics.errors import UsageError

Fake = Any  # tests/unit/course/conftest.py: FakeSession
OURS = {"docker_magics.session": "course-02"}


def labelled(name: str, session: str) -> dict[str, Any]:
    return {"Image": "busybox", "Hostname": name, "Labels": {"docker_magics.session": session}}


@pytest.mark.parametrize(
    ("session", "other", "is_removed"),
    [
        ("course-02", "course-02", True),
        ("course-02", "course-03", True),  # the same learner's, who did not tidy up
        ("course-02-mina", "course-03-mina", True),
        ("course-02-mina", "course-02-jun", False),
        ("course-02", "course-02-mina", False),
        ("course-02", "work", False),
        ("work", "play", False),
    ],
)
def test_only_containers_of_this_learner_are_removed(
    fake: Fake, session: str, other: str, *, is_removed: bool
) -> None:
    fake.labels = {"docker_magics.session": session}
    fake.container("box", Config=labelled("box", other))
    fake.container("foreign")
    fresh("box", "foreign", "missing")
    assert fake.lines == ["rm -fv box"] * is_removed


def test_a_volume_is_removed_with_the_session_s_containers_that_use_it(fake: Fake) -> None:
    fake.labels = OURS
    fake.objects["/volumes/journal"] = {"Name": "journal", "Labels": OURS}
    fake.objects["/containers/json"] = [{"Id": "1", "Labels": OURS}, {"Id": "2", "Labels": {}}]
    reset("06.1")
    assert [line for line in fake.lines if line.startswith(("rm", "volume"))] == [
        "rm -fv 1",
        "volume rm -f journal",
    ]


@pytest.mark.usefixtures("fake")
def test_without_a_session_nothing_is_removed() -> None:
    with pytest.raises(UsageError, match="no session is active"):
        fresh("mine")


def test_an_image_is_set_aside_and_comes_back_after_an_error(fake: Fake) -> None:
    fake.image("hello-world")
    with pytest.raises(RuntimeError), set_aside("hello-world"):
        raise RuntimeError
    assert fake.lines == [
        "tag hello-world hello-world-set-aside",
        "rmi hello-world",
        "tag hello-world-set-aside hello-world",
        "rmi hello-world-set-aside",
    ]


def test_an_image_that_is_still_set_aside_comes_back(fake: Fake) -> None:
    with set_aside("hello-world"):
        pass
    assert fake.lines[0] == "tag hello-world-set-aside hello-world"


def test_a_reset_removes_what_the_exercise_and_later_ones_made(fake: Fake) -> None:
    fake.labels = OURS
    for name in ("first", "twin-a", "small"):
        fake.container(name, Config=labelled(name, "course-02"))
    assert reset("02.5", lang="en") == "02.5 is ready to begin."
    assert fake.lines == ["rm -fv twin-a", "rm -fv small"]
    assert reset("02.5", lang="ko") == "02.5 문제를 처음부터 할 수 있어요."


def test_a_reset_makes_what_the_exercise_needs(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    fake.labels = OURS
    cells: list[str] = []
    run: Callable[[str], None] = cells.append
    monkeypatch.setattr("docker_magics.course.resetting._run_cell", run)
    reset("04.5")
    reset("04.6")
    assert cells == [find("04.2")[1].solution, find("04.6")[1].given]


def test_a_given_cell_needs_a_notebook(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    fake.labels = OURS
    monkeypatch.setattr("IPython.core.getipython.get_ipython", lambda: None)
    with pytest.raises(UsageError, match="cannot reset an exercise outside of a notebook"):
        reset("04.6")


def test_every_exercise_names_what_it_makes() -> None:
    kinds = {"container", "image", "volume", "network"}
    for section in sections().values():
        for exercise in section.exercises.values():
            assert exercise.makes
            assert {made.split(" ")[0] for made in exercise.makes} <= kinds
            assert set(exercise.needs) <= section.exercises.keys()
