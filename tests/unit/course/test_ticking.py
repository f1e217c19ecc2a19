"""Tasks that tick themselves: without a page as text, with one after the engine's events."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from IPython.lib.pretty import pretty

from docker_magics.course import task, watch
from docker_magics.course.checking import _LEARNER
from docker_magics.course.exercises import find
from docker_magics.course.ticking import TaskState, Ticking, state_of
from docker_magics.course.watch import Watch
from docker_magics.errors import EngineUnreachable, UsageError

Fake = Any  # tests/unit/course/conftest.py: FakeSession
Event = Mapping[str, Any]


class FakeStream:
    """An event stream whose events the test sends."""

    def __init__(
        self, _engine: Any, receive: Callable[[Event], None], report: Callable[[str], None]
    ) -> None:
        self.receive, self.report, self.is_closed = receive, report, False

    def close(self) -> None:
        self.is_closed = True


class Counted:
    """A task that counts its checks."""

    def __init__(self) -> None:
        self.checked = threading.Semaphore(0)

    def update(self) -> float:
        self.checked.release()
        return 0.0

    def report(self, error: Exception) -> None:
        raise error

    def soon(self) -> bool:
        """Whether it is checked within some time."""
        return self.checked.acquire(timeout=5)

    def stays(self) -> bool:
        """Whether it is not checked for a while."""
        return not self.checked.acquire(timeout=0.2)


def event(action: str, identity: str = "1", **attributes: str) -> Event:
    return {
        "Type": "container",
        "Action": action,
        "Actor": {"ID": identity, "Attributes": attributes},
    }


@pytest.fixture(autouse=True)
def _in_a_new_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the progress out of this repository."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def watching(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> Iterator[Watch]:
    """A quick watch with a fake stream, shared by the tasks."""
    assert fake
    monkeypatch.setattr(watch, "EventStream", FakeStream)
    monkeypatch.setattr(watch, "_SETTLE_S", 0.02)
    monkeypatch.setattr(watch, "_ECHO_S", 0.05)
    watching = Watch()
    monkeypatch.setattr(watch, "shared", lambda: watching)
    yield watching
    for open_task in list(watching.tasks):
        watching.discard(open_task)


@pytest.fixture
def counted(watching: Watch) -> Counted:
    counted = Counted()
    watching.add(counted)
    return counted


def test_events_check_a_task_once_they_settle(watching: Watch, counted: Counted) -> None:
    for _ in range(20):
        watching.receive(event("start"))
    assert counted.soon()
    assert counted.stays()


def test_a_check_that_fails_is_reported_and_the_next_ones_run(
    watching: Watch, ticking: Ticking, counted: Counted, monkeypatch: pytest.MonkeyPatch
) -> None:
    attempts = threading.Semaphore(0)

    def fail(_exercise: Any) -> None:
        attempts.release()
        raise KeyError("Mounts")

    monkeypatch.setattr("docker_magics.course.ticking.glance", fail)
    watching.tasks.insert(0, ticking)
    for _ in range(2):
        watching.receive(event("start"))
        assert attempts.acquire(timeout=30)
        assert counted.soon()
    assert "02.2 Two steps of three: cannot check this task: KeyError" in ticking.widget.text
    ticking.widget.close()


@pytest.mark.parametrize("action", ["exec_start: sh", "archive-path", "attach", "save"])
def test_events_that_change_nothing_check_nothing(
    watching: Watch, counted: Counted, action: str
) -> None:
    watching.receive(event(action))
    assert counted.stays()


def test_what_a_check_runs_checks_nothing(watching: Watch, counted: Counted) -> None:
    watching.receive(event("create", "c", **{"docker_magics.check": ""}))
    watching.receive(event("die", "c"))
    watching.receive({**event("connect", "bridge", container="c"), "Type": "network"})
    assert counted.stays()


def test_a_program_that_ends_in_a_container_checks_but_not_a_check_s_own(
    watching: Watch, counted: Counted
) -> None:
    watching.receive(event("start"))
    assert counted.soon()
    watching.receive(event("exec_die"))
    assert counted.stays()
    watching.receive(event("exec_die"))
    assert counted.soon()


def test_no_check_runs_while_a_cell_does_and_one_after_it(
    watching: Watch, counted: Counted
) -> None:
    watching.before_cell(None)
    watching.receive(event("start"))
    assert counted.stays()
    watching.after_cell(None)
    assert counted.soon()


def test_the_first_cell_has_begun_before_it_is_followed(watching: Watch, counted: Counted) -> None:
    watching.after_cell(None)
    assert counted.soon()


def test_the_stream_is_shared_and_ends_with_the_last_task(
    watching: Watch, counted: Counted
) -> None:
    stream: Any = watching.stream
    second = Counted()
    watching.add(second)
    assert watching.stream is stream
    stream.report("")
    assert counted.soon()
    assert second.soon()
    watching.discard(second)
    assert not stream.is_closed
    watching.discard(counted)
    assert stream.is_closed


def test_without_a_page_it_is_one_line_of_text(fake: Fake) -> None:
    state = task("02.2", lang="en")
    assert isinstance(state, TaskState)
    assert not state
    text = "○ 02.2 Two steps of three: there is no container named `waiting`"
    assert pretty(state) == text
    assert "<code>waiting</code>" in state._repr_html_()
    fake.container("waiting", State={"Status": "created", "Running": False})
    assert pretty(task("02.2", lang="ko")) == "✔ 02.2 세 단계 중 두 단계만: 완료"


@pytest.fixture
def ticking(watching: Watch, fake: Fake) -> Ticking:
    assert watching
    assert fake
    ticking = Ticking(state_of(find("02.2")[1], "en"))
    ticking.show()
    return ticking


@pytest.fixture
def kept(ticking: Ticking, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The static lines that replaced the widget."""
    lines: list[str] = []
    monkeypatch.setattr(
        ticking.widget, "replace_with_static", lambda static: lines.append(static["text/html"])
    )
    return lines


def test_a_task_turns_green_and_stays_green(
    watching: Watch, fake: Fake, ticking: Ticking, kept: list[str]
) -> None:
    tries = dict(_LEARNER.tries)
    assert not ticking.widget.done
    fake.container("waiting", State={"Status": "created", "Running": False})
    ticking.update()
    assert ticking.widget.done
    assert ticking.widget.text == "02.2 Two steps of three: done"
    assert "✔ 02.2 Two steps of three: done (to begin again: <code>reset(" in kept[0]
    del fake.objects["/containers/waiting/json"]
    ticking.update()
    assert ticking.widget.done
    assert dict(_LEARNER.tries) == tries
    ticking.widget.close()
    assert watching.tasks == []


def test_an_open_task_leaves_its_line_when_the_kernel_ends(
    ticking: Ticking, kept: list[str]
) -> None:
    ticking.widget.end()
    assert len(kept) == 1
    assert "○ 02.2 Two steps of three: there is no container named <code>waiting" in kept[0]


def test_a_check_may_ask_to_be_repeated(watching: Watch) -> None:
    class Waiting(Counted):
        def update(self) -> float:
            super().update()
            return 0.05

    waiting, counted = Waiting(), Counted()
    watching.add(waiting)
    watching.receive(event("start"))
    assert waiting.soon()
    assert waiting.soon()
    watching.add(counted)
    assert counted.soon()


def test_the_button_resets(ticking: Ticking, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []
    monkeypatch.setattr(
        "docker_magics.course.ticking.reset", lambda name, lang: calls.append(f"{name} {lang}")
    )
    ticking.widget.done = True
    ticking.widget.receive({"kind": "press"})
    assert calls == ["02.2 en"]
    assert not ticking.widget.done
    assert not ticking.widget.is_busy


def test_a_reset_that_fails_says_why(ticking: Ticking, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise UsageError("no session is active")

    monkeypatch.setattr("docker_magics.course.ticking.reset", fail)
    ticking.widget.receive({"kind": "press"})
    assert ticking.widget.text.endswith("no session is active")
    assert not ticking.widget.is_busy


def test_an_engine_that_does_not_answer_is_said_in_the_line(
    ticking: Ticking, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: Any) -> None:
        raise EngineUnreachable("no answer", hint="Start it.")

    monkeypatch.setattr("docker_magics.course.ticking.glance", fail)
    ticking.update()
    assert ticking.widget.text == "02.2 Two steps of three: no answer"
