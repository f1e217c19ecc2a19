"""Completion in cells: recognition of docker lines, and IPython's candidates."""

from __future__ import annotations

import pytest
from IPython.core.completer import CompletionContext
from IPython.core.interactiveshell import InteractiveShell
from unit.commands.stub_engine import StubEngine

from docker_magics import completer
from docker_magics.completer import docker_text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("%docker ps -", "ps -"),
        ("  %docker ru", "ru"),
        ("rows = %docker ps ", "ps "),
        ("%docker rows << ps ", "ps "),
        ("%%docker build -", "build -"),
        ("%%dockerfile -t x --", "build -t x --"),
        ("%docker", None),
        ("%dockers ps", None),
        ("print('%docker ps')", None),
        ("", None),
    ],
)
def test_the_docker_line_of_a_first_line(text: str, expected: str | None) -> None:
    assert docker_text(text, 0, text) == expected


@pytest.mark.parametrize(
    ("cell", "text", "expected"),
    [
        ("%%docker\ndocker ps -", "docker ps -", "ps -"),
        ("%%docker\n  ps -", "  ps -", "ps -"),
        ("%%docker build -\nFROM x", "FROM x", None),
        ("x = 1\n%docker ps ", "%docker ps ", "ps "),
        ("%%dockerfile\n%%dockerfile -", "%%dockerfile -", None),
    ],
)
def test_the_docker_line_of_a_second_line(cell: str, text: str, expected: str | None) -> None:
    assert docker_text(cell, 1, text) == expected


def offered(shell: InteractiveShell, text: str) -> list[str] | None:
    """Return the matcher's candidates; None if IPython's own matchers are not suppressed."""
    [match] = shell.Completer.custom_matchers
    context = CompletionContext(
        token=text,
        full_text=text,
        cursor_position=len(text),
        cursor_line=0,
        limit=None,
    )
    result = match(context)
    texts = [completion.text for completion in result["completions"]]
    return texts if result["suppress"] else None


@pytest.fixture
def completing(shell: InteractiveShell) -> InteractiveShell:
    completer.install(shell)
    return shell


def test_flags_and_commands_are_completed(completing: InteractiveShell) -> None:
    assert offered(completing, "%docker ps --no-") == ["--no-trunc"]
    assert "inspect" in (offered(completing, "%docker image ") or [])


def test_names_come_from_the_engine(completing: InteractiveShell, stub: StubEngine) -> None:
    names = [{"Id": name * 64, "Names": [f"/{name}"]} for name in ("web", "db")]
    stub.responses["GET /containers/json"] = names
    assert offered(completing, "%docker stop w") == ["web"]
    assert offered(completing, "%docker stop ") == ["db", "web"]


def test_an_engine_error_offers_the_typed_text(
    completing: InteractiveShell, stub: StubEngine
) -> None:
    stub.responses["GET /containers/json"] = (500, "broken")
    assert offered(completing, "%docker stop w") == ["w"]


def test_other_lines_are_left_to_ipython(completing: InteractiveShell) -> None:
    assert offered(completing, "print(") is None


def test_uninstalling_keeps_the_matchers_of_others(completing: InteractiveShell) -> None:
    def other(_text: str) -> list[str]:
        return []

    completing.Completer.custom_matchers.append(other)
    completer.uninstall(completing)
    assert completing.Completer.custom_matchers == [other]
