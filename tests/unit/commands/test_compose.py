"""docker compose: what is passed to Compose, and how its output is shown."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell
from unit.commands.stub_engine import StubEngine

import docker_magics
from docker_magics.cli.line import parse_command
from docker_magics.cli.terminal import Terminal
from docker_magics.commands import compose
from docker_magics.compose.process import ComposeConsole, ComposeProcess
from docker_magics.compose.progress import ComposeProgress
from docker_magics.errors import FlagError, UsageError
from docker_magics.results.table import Table
from docker_magics.results.text import Text

#: Prints its arguments, the engine and its input as JSON.
_ECHO = "print(json.dumps([sys.argv[1:], os.environ['DOCKER_HOST'], sys.stdin.read()]))"

Run = Callable[..., Any]


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Return a function that writes the program that stands in for Compose."""
    path = tmp_path / "docker-compose"
    monkeypatch.setattr(compose, "find", lambda: path)

    def write(code: str) -> None:
        path.write_text(f"#!{sys.executable}\nimport json, os, sys\n{code}\n")
        path.chmod(0o755)

    write(_ECHO)
    return write


@pytest.fixture
def run(program: Callable[[str], None]) -> Run:  # noqa: ARG001
    """Return a function: the args after `docker compose`, its input -> the command's result."""

    def run_line(*args: str, stdin: str | None = None, engine: StubEngine | None = None) -> Any:
        data = io.BytesIO((stdin or "").encode())
        terminal = Terminal(data, has_input=stdin is not None)
        command = parse_command(["compose", *args], terminal=terminal)
        assert not isinstance(command, str)
        return command.run(engine or StubEngine())

    return run_line


def test_options_engine_and_input_are_passed(run: Run) -> None:
    args = ("-f", "a.yaml", "--file=b.yaml", "-p", "x", "--profile", "y", "--compatibility")
    shown = json.loads(run(*args, "port", "web", "80"))
    assert shown == [
        [
            *("--compatibility", "--file", "a.yaml", "--file", "b.yaml"),
            *("--profile", "y", "--project-name", "x", "port", "web", "80"),
        ],
        StubEngine().address.host,
        "",
    ]
    assert json.loads(run("-f", "-", "config", stdin="services:"))[2] == "services:"


def test_a_file_without_a_verb_is_started(run: Run) -> None:
    result = run("-f", "-", "-p", "x", stdin="services:")
    assert isinstance(result, ComposeProgress)
    assert next(iter(result.arrivals()))["log"].startswith(
        '[["--file", "-", "--project-name", "x", "--progress", "json", "up", "-d"]'
    )
    result.result()
    result.close()


@pytest.mark.parametrize(
    ("args", "kind"),
    [
        ((), Text),
        (("--help",), Text),
        (("up", "--help"), Text),
        (("up", "-d"), ComposeProgress),
        (("up", "--build", "-d"), ComposeProgress),
        (("up", "--wait"), ComposeProgress),
        (("up",), ComposeProcess),
        (("--progress", "plain", "up", "-d"), ComposeProcess),
        (("build", "--print"), Text),
        (("pull",), ComposeProgress),
        (("logs", "-f"), ComposeProcess),
        (("exec", "-T", "web", "sh", "-it"), ComposeProcess),
        (("run", "-it", "web"), ComposeConsole),
        (("run", "-i", "--rm", "-t", "web"), ComposeConsole),
        (("rm", "-f"), ComposeProgress),
    ],
)
def test_how_a_verb_is_shown(run: Run, args: tuple[str, ...], kind: type) -> None:
    result = run(*args)
    assert isinstance(result, kind)
    if isinstance(result, (ComposeProgress, ComposeProcess, ComposeConsole)):
        result.close()


def test_listings(run: Run, program: Callable[[str], None]) -> None:
    program("""print('[{"Name": "p", "Status": "running(1)", "ConfigFiles": "f"}]')""")
    assert isinstance(run("ls"), Table)


def test_rm_asks_first(run: Run) -> None:
    with pytest.raises(UsageError, match="Remove the stopped containers of this project"):
        run("rm")


def test_exec_opens_a_console_of_the_container(run: Run, program: Callable[[str], None]) -> None:
    container = {"ID": "c1", "Labels": "com.docker.compose.container-number=1"}
    program(f"print(json.dumps({container!r}))")
    engine = StubEngine()
    engine.responses["POST /containers/c1/exec"] = {"Id": "e1"}
    process = run("exec", "-it", "-u", "me", "--index", "1", "web", "sh", "-c", "x", engine=engine)
    assert process.identity == "e1"
    assert process.container == "c1"


def test_an_unknown_option_is_refused(run: Run) -> None:
    with pytest.raises(FlagError, match="unknown flag: --nope"):
        run("--nope", "up")


def test_a_cell_is_a_compose_file(
    shell: InteractiveShell, stub: StubEngine, program: Callable[[str], None]
) -> None:
    assert stub.address
    docker_magics.load_ipython_extension(shell)
    program(_ECHO)
    shown = shell.run_cell("%%compose config -q\nservices:\n  a: {image: b}\n").result
    args, _, body = json.loads(shown)
    assert args == ["--file", "-", "config", "-q"]
    assert body == "services:\n  a: {image: b}\n"
    docker_magics.unload_ipython_extension(shell)
    assert "compose" not in shell.magics_manager.magics["cell"]


def test_a_cell_is_explained_without_compose(run: Run) -> None:
    body = "services:\n  web:\n    image: nginx\n    environment:\n      image: x\n    ports: []\n"
    table = run("-f", "-", "explain", stdin=body)
    assert table["WORDS"].tolist() == [
        *("services:", "  web:", "    image: nginx", "    environment:", "    ports: []")
    ]
    assert table["MEANING"][1] == "A service; other services reach it by this name"
    korean = run("-f", "-", "explain", "--lang", "ko", stdin="services:\n")
    assert not korean["MEANING"][0].isascii()
