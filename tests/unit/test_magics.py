"""The magics in an IPython shell without a kernel, on a stub engine."""

from __future__ import annotations

import getpass
import re
from typing import Any

import pytest
from IPython.core.error import StdinNotImplementedError
from IPython.core.interactiveshell import InteractiveShell
from unit.commands.stub_engine import StubEngine

import docker_magics
from docker_magics.errors import ContainerExited, Interrupted, NotFound, UsageError
from docker_magics.magics import DockerMagics
from docker_magics.wire.frames import Stream, encode

_VOLUMES = {"Volumes": [{"Name": "data", "Driver": "local", "Labels": None}], "Warnings": None}


@pytest.fixture
def cells(shell: InteractiveShell, stub: StubEngine) -> InteractiveShell:
    """A shell with the extension; one volume exists."""
    stub.responses["GET /volumes"] = _VOLUMES
    docker_magics.load_ipython_extension(shell)
    return shell


def run(shell: InteractiveShell, cell: str) -> Any:
    """Run a cell and return its value, or raise its error."""
    result = shell.run_cell(cell)
    result.raise_error()
    return result.result


def test_a_line_returns_a_value(cells: InteractiveShell) -> None:
    assert run(cells, "%docker volume ls -q") == ["data"]
    assert cells.user_ns["_exit_code"] == 0


def test_results_are_assigned_both_ways(cells: InteractiveShell) -> None:
    assert run(cells, "names = %docker volume ls -q") is None
    assert run(cells, "%docker others << volume ls -q") is None
    assert cells.user_ns["names"] == cells.user_ns["others"] == ["data"]


def test_variables_are_expanded_and_templates_are_not(
    cells: InteractiveShell, stub: StubEngine
) -> None:
    cells.user_ns["name"] = "data"
    stub.responses["GET /volumes/data"] = {"Name": "data", "Driver": "local"}
    assert str(run(cells, "%docker volume inspect -f {{.Name}} {name}")).strip() == "data"


def test_a_script_shows_each_result(
    cells: InteractiveShell, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[Any] = []
    monkeypatch.setattr("IPython.display.display", shown.append)
    cell = "%%docker\n# a comment\nvolume ls \\\n -q\n\ndocker volume ls -q\n"
    assert run(cells, cell) is None
    assert shown == [["data"], ["data"]]


def displayed(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Return the list of what is displayed from now on."""
    shown: list[Any] = []
    monkeypatch.setattr("IPython.display.display", shown.append)
    return shown


@pytest.mark.parametrize(
    ("cell", "count"),
    [
        ("%docker volume ls -q\n1", 1),
        ("%docker volume ls -q\n%docker volume ls -q", 1),
        ("for _ in range(3):\n    %docker volume ls -q", 3),
        ("%docker volume ls -q;\n1", 0),
        ("x = %docker volume ls -q\n1", 0),
        ("%%docker\nvolume ls -q;\nvolume ls -q", 1),
        ("%reset -f\n%docker volume ls -q\n1", 1),
        ("class A:\n  %docker volume ls -q\n  def f(self):\n    %docker volume ls -q\nA().f()", 2),
    ],
)
def test_each_line_of_a_cell_is_shown(
    cells: InteractiveShell, monkeypatch: pytest.MonkeyPatch, cell: str, count: int
) -> None:
    run(cells, "%reset -f")
    shown = displayed(monkeypatch)
    run(cells, cell)
    assert shown == [["data"]] * count


def test_a_semicolon_hides_the_result_but_assigns_it(cells: InteractiveShell) -> None:
    assert run(cells, "%docker volume ls -q;") is None
    run(cells, "names = %docker volume ls -q ;")
    assert cells.user_ns["names"] == ["data"]


def test_names_of_the_calling_function_come_first(
    cells: InteractiveShell, stub: StubEngine
) -> None:
    run(
        cells,
        "n, m = 'global', 'm'\ndef f(n):\n"
        "    names = %docker volume ls -q -f name={n} -f name=x$n -f name={[n + m for _ in n][0]}\n"
        "    return names",
    )
    assert run(cells, "f('a')") == ["data"]
    assert stub.query("GET /volumes")["filters"] == {"name": ["a", "xa", "am"]}


def test_output_is_shown_once_and_again_when_asked_for(
    cells: InteractiveShell, stub: StubEngine, capsys: pytest.CaptureFixture[str]
) -> None:
    _failing_command(stub)

    def shown(cell: str) -> str:
        capsys.readouterr()
        run(cells, cell)
        # IPython 7 counts from 1
        return re.sub(r"Out\[\d\]", "Out[n]", capsys.readouterr().out)

    assert shown("%docker exec web echo out") == "out\n"
    assert shown("%docker exec web echo out;") == "out\n"
    assert shown("z = %docker exec web echo out") == "out\n"
    assert shown("z") == "Out[n]: out\n"
    assert shown("z") == "Out[n]: out\n"
    line = "import docker_magics; docker_magics.docker('exec web echo out')"
    assert shown(line) == "Out[n]: out\n"
    run(cells, "%docker exec web echo out")
    assert shown("_") == "Out[n]: out\n"
    assert (cells.user_ns["z"], cells.user_ns["z"].bytes) == ("out", b"out\n")


def test_the_value_of_a_text_has_no_newline_at_its_end(
    cells: InteractiveShell, stub: StubEngine
) -> None:
    stub.responses["GET /volumes/data"] = {"Name": "data", "Driver": "local"}
    name = run(cells, "%docker volume inspect -f '{{.Name}}' data")
    assert (name, name.bytes, repr(name)) == ("data", b"data\n", "data")
    assert run(cells, "%docker volume ls --format '{{.Name}} {{.Driver}}'") == "data local"


def test_an_interrupt_ends_the_cell(
    cells: InteractiveShell, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines: list[str] = []

    def interrupted(_session: Any, line: str, *, view: Any, **_: Any) -> str:
        lines.append(line.strip())
        view.interrupts += 1
        return "partial"

    monkeypatch.setattr("docker_magics.session.Session.run", interrupted)
    assert run(cells, "%docker logs -f web") == "partial"
    for cell in (
        "for n in 'ab':\n    %docker logs -f {n}",
        "for n in 'ab':\n    x = %docker logs -f {n}",
        "%%docker\nlogs -f {n}\nlogs -f b",
        "%docker logs -f {n};\n%docker ps",
    ):
        lines.clear()
        with pytest.raises(Interrupted, match="the rest of the cell was not run"):
            run(cells, cell)
        assert [line.strip(";") for line in lines] == ["logs -f {n}"]
    assert run(cells, "x = %docker logs -f web") is None
    assert cells.user_ns["x"] == "partial"


def test_an_interrupted_request_is_one_line(
    cells: InteractiveShell, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("docker_magics.session.Session.run", interrupted)
    with pytest.raises(Interrupted):
        run(cells, "%docker wait web")
    assert cells.user_ns["_exit_code"] == 130


def test_the_body_of_a_cell_is_the_input(cells: InteractiveShell, stub: StubEngine) -> None:
    stub.responses["POST /images/load"] = b'{"stream": "Loaded image: x:latest\\n"}'
    run(cells, "%%docker load\nan archive\n")
    assert stub.sent("POST /images/load") == b"an archive\n"


def test_a_dockerfile_is_built(cells: InteractiveShell, stub: StubEngine) -> None:
    stub.responses["POST /build"] = b'{"aux": {"ID": "sha256:1"}}'
    run(cells, "%%dockerfile -t mine\nFROM scratch\nLABEL a=b\n")
    assert stub.query("POST /build")["t"] == ["mine"]
    assert b"LABEL a=b" in stub.sent("POST /build")


def test_errors_have_docker_s_exit_codes(cells: InteractiveShell, stub: StubEngine) -> None:
    stub.responses["GET /volumes/none"] = (404, "no such volume")
    with pytest.raises(NotFound):
        run(cells, "%docker volume inspect none")
    assert cells.user_ns["_exit_code"] == 1


def test_the_partial_result_of_an_error_is_shown(
    cells: InteractiveShell, stub: StubEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[Any] = []
    monkeypatch.setattr("IPython.display.display", shown.append)
    stub.responses["DELETE /volumes/data"] = b""
    with pytest.raises(NotFound):
        run(cells, "%docker volume rm data none")
    assert shown == [["data"]]


def _failing_command(stub: StubEngine) -> None:
    stub.responses |= {
        "POST /containers/web/exec": {"Id": "e1"},
        "GET /containers/web/json": {"Id": "web"},
        "HIJACK /exec/e1/start": encode(Stream.STDOUT, b"out\n"),
        "GET /exec/e1/json": {"Running": False, "ExitCode": 4},
    }


def test_an_exit_code_is_reported(
    cells: InteractiveShell, stub: StubEngine, capsys: pytest.CaptureFixture[str]
) -> None:
    _failing_command(stub)
    output = run(cells, "out = %docker exec web false") or cells.user_ns["out"]
    assert output.exit_code == cells.user_ns["_exit_code"] == 4
    captured = capsys.readouterr()
    assert "exited with code 4" in captured.out + captured.err


def test_an_exit_code_is_raised_if_configured(cells: InteractiveShell, stub: StubEngine) -> None:
    _failing_command(stub)
    run(cells, "%config DockerMagics.raise_on_exit = True")
    with pytest.raises(ContainerExited) as raised:
        run(cells, "%docker exec web false")
    assert raised.value.exit_code == 4


@pytest.mark.parametrize(("answer", "removed"), [("y", True), ("YES", True), ("n", False)])
def test_a_confirmation_is_asked_for(
    cells: InteractiveShell,
    stub: StubEngine,
    monkeypatch: pytest.MonkeyPatch,
    answer: str,
    removed: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    questions: list[str] = []
    monkeypatch.setattr("builtins.input", lambda text: questions.append(text) or answer)
    stub.responses["POST /volumes/prune"] = {"VolumesDeleted": ["data"], "SpaceReclaimed": 1}
    if removed:
        run(cells, "%docker volume prune")
    else:
        cells.run_cell("%docker volume prune")
    assert questions[0].endswith("[y/N] ")
    assert ("POST /volumes/prune" in stub.keys) == removed


def test_without_a_keyboard_a_question_is_an_error(
    cells: InteractiveShell, stub: StubEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_text: str) -> str:
        raise StdinNotImplementedError

    monkeypatch.setattr("builtins.input", refuse)
    monkeypatch.setattr(getpass, "getpass", refuse)
    with pytest.raises(UsageError, match="pass -f to confirm"):
        run(cells, "%docker volume prune")
    with pytest.raises(UsageError, match="cannot ask for the"):
        run(cells, "%docker login -u me registry.example")
    assert "POST /volumes/prune" not in stub.keys


def test_a_password_is_asked_for_without_an_echo(
    cells: InteractiveShell, stub: StubEngine, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    monkeypatch.setattr("builtins.input", lambda _text: "me")
    monkeypatch.setattr(getpass, "getpass", lambda _text: "hush")
    stub.responses["POST /auth"] = {"Status": "Login Succeeded", "IdentityToken": ""}
    run(cells, "%docker login registry.example")
    sent = stub.sent("POST /auth")
    assert (sent["username"], sent["password"]) == ("me", "hush")


def test_unloading_restores_the_shell(cells: InteractiveShell) -> None:
    docker_magics.unload_ipython_extension(cells)
    assert "docker" not in cells.magics_manager.magics["line"]
    assert {"docker", "dockerfile"}.isdisjoint(cells.magics_manager.magics["cell"])
    assert cells.Completer.custom_matchers == []
    docker_magics.unload_ipython_extension(cells)


def test_another_docker_magic_is_named_when_it_is_replaced(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    shell.register_magic_function(lambda _line: None, magic_name="docker")
    docker_magics.load_ipython_extension(shell)
    assert "docker_magics replaces the %docker magic of" in capsys.readouterr().out
    magic = shell.magics_manager.magics["line"]["docker"]
    assert isinstance(magic.__self__, DockerMagics)


def test_the_function_takes_input_and_names(stub: StubEngine) -> None:
    stub.responses["GET /volumes"] = _VOLUMES
    assert docker_magics.docker("volume ls -q -f name={x}", x="data") == ["data"]
    stub.responses["POST /images/load"] = b'{"stream": "Loaded image: x:latest\\n"}'
    docker_magics.docker("load", input=b"archive")
    assert stub.sent("POST /images/load") == b"archive"


def test_a_line_in_a_line_is_replaced_by_its_output(stub: StubEngine) -> None:
    stub.responses["GET /volumes"] = _VOLUMES
    stub.responses["GET /volumes/data"] = {"Name": "data", "Driver": "local"}
    inspected = docker_magics.docker("volume inspect $(docker volume ls -q)")
    assert inspected[0]["Name"] == "data"
    with pytest.raises(UsageError, match="produced no text output; use -q or --format"):
        docker_magics.docker("volume inspect $(docker volume ls)")
