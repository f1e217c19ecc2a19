"""Completion in cells: recognition of docker lines, and IPython's candidates."""

from __future__ import annotations

import socket
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from IPython.core.completer import provisionalcompleter
from IPython.core.interactiveshell import InteractiveShell
from unit.commands.stub_engine import StubEngine

from docker_magics import completer
from docker_magics.completer import EngineNames, docker_text
from docker_magics.session import Session


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("%docker ps -", "ps -"),
        ("  %docker ru", "ru"),
        ("rows = %docker ps ", "ps "),
        ("%docker rows << ps ", "ps "),
        ("%%docker build -", "build -"),
        ("%%dockerfile -t x --", "build -t x --"),
        ("%time %docker st", "st"),
        ("%timeit -n 1 %docker st", "st"),
        ("docker st", "st"),
        ("!docker st", "st"),
        ("sudo docker st", "st"),
        ("docker = st", None),
        ("docker.st", None),
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
        ("%%docker\n$ sudo docker ps -", "$ sudo docker ps -", "ps -"),
        ("%docker run \\\n  -", "  -", "run \\\n  -"),
        ("%%docker build -\nFROM x", "FROM x", None),
        ("x = 1\n%docker ps ", "%docker ps ", "ps "),
        ("%%dockerfile\n%%dockerfile -", "%%dockerfile -", None),
    ],
)
def test_the_docker_line_of_a_second_line(cell: str, text: str, expected: str | None) -> None:
    assert docker_text(cell, 1, text) == expected


def offered(shell: InteractiveShell, text: str) -> list[str] | None:
    """Return our candidates, as a front end gets them; None if there are IPython's too."""
    with provisionalcompleter():
        completions = list(shell.Completer.completions(text, len(text)))
    ours = [one.text for one in completions if one._origin == "docker_magics"]  # noqa: SLF001
    return ours if len(ours) == len(completions) else None


@pytest.fixture
def completing(shell: InteractiveShell, monkeypatch: pytest.MonkeyPatch) -> InteractiveShell:
    """A shell with the completion; it waits long enough for a stub on a busy machine."""
    monkeypatch.setattr(completer, "_PATIENCE_S", 5.0)
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


def test_the_body_of_a_dockerfile_is_completed(
    completing: InteractiveShell, stub: StubEngine
) -> None:
    image = {"Id": "sha256:" + "1" * 64, "RepoTags": ["redis:7"], "Created": 0, "Size": 0}
    stub.responses["GET /images/json"] = [image]
    assert offered(completing, "%%dockerfile -t x\nFROM r") == ["redis:7"]
    assert offered(completing, "%%dockerfile\nFROM x AS made\nCOPY --from=m") == ["made"]
    assert offered(completing, "%%dockerfile\nWOR") == ["WORKDIR"]


def test_python_names_are_offered_in_expressions(completing: InteractiveShell) -> None:
    completing.user_ns["container_names"] = ["web"]
    assert offered(completing, "%docker stop {container_n") == ["container_names"]


def test_lists_are_offered_by_their_names(completing: InteractiveShell, stub: StubEngine) -> None:
    stub.responses["GET /volumes"] = {"Volumes": [{"Name": "va"}, {"Name": "vb"}]}
    assert offered(completing, "%docker volume rm ") == ["va", "vb"]


def test_no_engine_is_started(
    completing: InteractiveShell, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    started: list[object] = []
    monkeypatch.setattr("docker_magics.engine.embedded.ensure_running", started.append)
    monkeypatch.setattr("docker_magics.session.shared", Session)
    monkeypatch.setenv("DOCKER_MAGICS_ENGINE", "embedded")
    monkeypatch.setenv("DOCKER_MAGICS_ROOT", str(tmp_path))
    assert offered(completing, "%docker stop w") == ["w"]
    assert not started


def test_an_engine_that_does_not_answer_is_given_up(
    completing: InteractiveShell, monkeypatch: pytest.MonkeyPatch
) -> None:
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX) as silent:
        silent.bind(f"{folder}/s")
        silent.listen()
        monkeypatch.setattr(completer, "_PATIENCE_S", 0.2)
        monkeypatch.setenv("DOCKER_HOST", f"unix://{folder}/s")
        monkeypatch.setattr("docker_magics.session.shared", Session)
        offered(completing, "%docker stop w")  # imports docker
        start = time.monotonic()
        assert offered(completing, "%docker stop w") == ["w"]
        assert time.monotonic() - start < 1


def test_names_that_come_late_are_offered_the_next_time(
    completing: InteractiveShell, stub: StubEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    stub.responses["GET /containers/json"] = [{"Id": "1" * 64, "Names": ["/web"]}]
    goes_on, ended = threading.Event(), threading.Event()

    def slow(*_: Any) -> list[str]:
        goes_on.wait(10)
        ended.set()
        return ["web"]

    monkeypatch.setattr(Session, "run_args", slow)
    monkeypatch.setattr(completer, "_PATIENCE_S", 0.2)
    assert offered(completing, "%docker stop w") == ["w"]
    goes_on.set()
    assert ended.wait(10)
    monkeypatch.setattr(completer, "_PATIENCE_S", 5.0)
    assert offered(completing, "%docker stop w") == ["web"]


def test_other_lines_are_left_to_ipython(completing: InteractiveShell) -> None:
    assert offered(completing, "print(") is None


def test_uninstalling_keeps_the_matchers_of_others(completing: InteractiveShell) -> None:
    def other(_text: str) -> list[str]:
        return []

    completing.Completer.custom_matchers.append(other)
    completer.uninstall(completing)
    assert completing.Completer.custom_matchers == [other]
    assert not offered(completing, "%docker ps --no-")


def test_compose_completes_its_own_words(completing: InteractiveShell, tmp_path: Path) -> None:
    (tmp_path / "compose.yaml").write_text("services:\n  web: {image: a}\n  work: {image: b}\n")
    file = tmp_path / "compose.yaml"
    assert offered(completing, "%docker compose unp") == ["unpause"]
    assert offered(completing, "%docker compose up --det") == ["--detach"]
    assert offered(completing, f"%docker compose -f {file} up w") == ["web", "work"]
    assert offered(completing, f"%docker compose -f {tmp_path}/comp") == [str(file)]
    assert offered(completing, "%%compose d") == ["diagram", "down"]
    body = "services:\n  web: {image: a}"
    cell = f"%%compose up w\n{body}"
    offer = completer.candidates(cell, 0, "%%compose up w", EngineNames(), {})
    assert offer == ("w", ["web"])


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("serv", ["services:"]),
        ("services:\n  web:\n    depends", ["depends_on:"]),
        ("services:\n  web:\n    healthcheck:\n      inter", ["interval:"]),
        ("services:\n  we", ["we"]),
        ("services:\n  web:\n    image: re", ["re"]),
    ],
)
def test_the_keys_of_a_compose_file(
    completing: InteractiveShell, body: str, expected: list[str]
) -> None:
    assert offered(completing, f"%%compose\n{body}") == expected
