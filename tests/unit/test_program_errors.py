"""What the `docker-magics` program prints when a line fails: the docker CLI's text."""

from __future__ import annotations

import pytest
from unit.commands.stub_engine import StubEngine
from unit.conftest import run_program

_RUN_HELP = "Run 'docker {}--help' for more information"
#: line -> exit code, and what CLI 29 prints.
_ERRORS = {
    "nope": (1, "docker: unknown command: docker nope", "", ""),
    "volume nope": (1, "docker: unknown command: docker volume nope", "volume", "volume "),
    "ps --al": (125, "unknown flag: --al", "ps [OPTIONS]", "ps "),
    "container list --al": (125, "unknown flag: --al", "container ls [OPTIONS]", "container ls "),
    "--al ps": (125, "unknown flag: --al", "[OPTIONS] COMMAND [ARG...]", ""),
    "ps x": (1, "docker: 'docker ps' accepts no arguments", "ps [OPTIONS]", "ps "),
    "create --pull x y": (
        125,
        'docker: invalid pull option: \'x\': must be one of "always", "missing" or "never"',
        "",
        "create ",
    ),
}


def test_errors_are_on_stderr(
    engine: StubEngine, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    assert engine
    for line, (code, problem, usage, name) in _ERRORS.items():
        parts = [problem, *([f"Usage:  docker {usage}"] if usage else []), _RUN_HELP.format(name)]
        assert run_program(line, capfdbinary) == (code, b"", "\n\n".join(parts).encode() + b"\n")
    assert run_program("help nope", capfdbinary) == (1, b"", b"unknown help topic: nope\n")


def test_an_engine_error_has_no_hint(
    engine: StubEngine, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    engine.responses["POST /containers/web/start"] = (404, "No such container: web")
    engine.responses["POST /containers/db/start"] = {}
    message = b"Error response from daemon: No such container: web\n"
    failed = b"failed to start containers: web\n"
    assert run_program("start web db", capfdbinary) == (1, b"db\n", message + failed)
    engine.responses["DELETE /networks/net"] = (403, "in use")
    message = b"Error response from daemon: in use\nexit status 1\n"
    assert run_program("network rm net", capfdbinary) == (1, b"", message)


def test_run_points_to_its_help(
    engine: StubEngine, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    engine.responses["POST /containers/create"] = (400, "bad name")
    message = b"Error response from daemon: bad name\n"
    pointer = b"\nRun 'docker run --help' for more information\n"
    assert run_program("run x", capfdbinary) == (125, b"", b"docker: " + message + pointer)
    assert run_program("create x", capfdbinary) == (1, b"", message)


def test_a_page_that_nobody_asked_for_is_on_stderr(
    engine: StubEngine, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    assert engine
    for line in ("", "container"):
        code, out, err = run_program(line, capfdbinary)
        assert (code, out) == (0, b"")
        assert err.startswith(b"Usage:  docker ")
    for line in ("--help", "container --help", "help container", "run --help"):
        code, out, err = run_program(line, capfdbinary)
        assert (code, err) == (0, b"")
        assert out.startswith(b"Usage:  docker ")


def test_a_template_that_fails_prints_a_blank_line(
    engine: StubEngine, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    problem = b'executing "" at <.Nope>: map has no entry for key "Nope"\n'
    engine.responses["GET /volumes/v"] = {"Name": "v"}
    code, out, err = run_program("volume inspect -f {{.Nope}} v", capfdbinary)
    assert (code, out) == (1, b"\n")
    assert err.endswith(problem)
    assert run_program("volume inspect -f {{.Name}} v", capfdbinary) == (0, b"v\n", b"")
