"""Errors: one base class, no traceback, visible control characters."""

from __future__ import annotations

import inspect

import pytest

from docker_magics import errors
from docker_magics.engine.error_hints import api_error, unreachable


def test_every_error_has_the_base_class() -> None:
    classes = [member for _, member in inspect.getmembers(errors, inspect.isclass)]
    assert all(
        issubclass(member, errors.DockerMagicsError)
        for member in classes
        if member.__module__ == errors.__name__
    )


def test_a_cell_shows_only_the_message() -> None:
    error = errors.NotFound("No such container: \x1b[2Jx", hint="docker ps -a lists them.")
    assert error._render_traceback_() == [
        "Error response from daemon: No such container: \\x1b[2Jx\ndocker ps -a lists them."
    ]


@pytest.mark.parametrize(
    ("status", "message", "kind", "hint"),
    [
        (404, "No such container: web", errors.NotFound, "docker ps -a"),
        (404, "No such image: x:latest", errors.NotFound, "docker pull"),
        (
            409,
            'Conflict. The container name "/web" is already in use by container "1"',
            errors.Conflict,
            "docker rm -f NAME",
        ),
        (500, "driver failed: port is already allocated", errors.ApiError, "-p"),
        (418, "teapot", errors.ApiError, None),
    ],
)
def test_daemon_errors_have_a_hint(
    status: int, message: str, kind: type[errors.ApiError], hint: str | None
) -> None:
    error = api_error(status, message)
    assert type(error) is kind
    assert error.status == status
    assert error.explanation == message
    assert str(error).startswith(f"Error response from daemon: {message}")
    assert (hint in str(error.hint)) if hint else error.hint is None


@pytest.mark.parametrize(
    ("cause", "message"),
    [
        (PermissionError(13, "Permission denied"), "permission denied while trying to connect"),
        (FileNotFoundError(2, "FileNotFoundError"), "check if the path is correct"),
        (ConnectionRefusedError(111, "Connection refused"), "Is the docker daemon running?"),
        (ConnectionResetError(104, "Connection reset by peer"), "closed the connection"),
        (OSError("something\nlong"), "no answer from unix:///x: something"),
    ],
)
def test_connection_errors_have_a_reason(cause: OSError, message: str) -> None:
    assert message in str(unreachable("unix:///x", cause)).splitlines()[0]
