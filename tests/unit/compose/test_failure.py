"""What Compose's standard error says went wrong."""

from __future__ import annotations

import pytest

from docker_magics.compose.body import ComposeBody
from docker_magics.compose.failure import failure


@pytest.mark.parametrize(
    ("stderr", "message"),
    [
        ("", "docker compose: exited with code 7"),
        ('unknown docker command: "compose nope"\n', 'unknown docker command: "compose nope"'),
        ('{"id":"x"}\n{"error":true,"message":"no such service: x"}\n', "no such service: x"),
        ('{"error":true}\n', "Compose failed; see the lines above"),
        ("[1]\n", "[1]"),
    ],
)
def test_the_last_line_is_the_reason(stderr: str, message: str) -> None:
    error = failure(stderr, 7)
    assert (error.message, error.exit_code, error.line) == (message, 7, None)


def test_the_line_of_the_cell_is_named() -> None:
    error = failure("validating -: a.b must be a array\n", 1, ComposeBody("a:\n  b: 1\n"))
    assert error.message == "line 3 of the cell: a.b must be a array"
    assert error.line == 2
