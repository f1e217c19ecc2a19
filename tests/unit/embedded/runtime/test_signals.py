"""Signals by name and number."""

from __future__ import annotations

import signal

import pytest

from docker_magics.embedded.errors import BadParameter
from docker_magics.embedded.runtime import signals


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("TERM", 15), ("SIGTERM", 15), ("sigkill", 9), ("15", 15), ("+9", 9), ("-1", -1),
        ("64", 64), ("999", 999), ("RTMIN", signal.SIGRTMIN), ("SIGRTMIN+3", signal.SIGRTMIN + 3),
        ("rtmax", signal.SIGRTMAX),
    ],
)  # fmt: skip
def test_names_and_numbers(text: str, number: int) -> None:
    assert signals.parse(text) == number


@pytest.mark.parametrize("text", ["", "NOPE", "0", "SIG", "TERM+1", "RTMIN+", "RTMIN+x", "9.0"])
def test_unknown_names_are_rejected(text: str) -> None:
    with pytest.raises(BadParameter, match="invalid signal: "):
        signals.parse(text)


def test_valid_numbers() -> None:
    assert {1, 9, 15, 34, 64} <= signals.VALID
    assert not {0, 32, 33, 65} & signals.VALID
