"""Detach keys."""

from __future__ import annotations

import pytest

from docker_magics.wire.detach import Detached, DetachKeys


@pytest.mark.parametrize(
    ("text", "typed"),
    [
        ("", b"\x10\x11"),
        ("ctrl-p,ctrl-q", b"\x10\x11"),
        ("ctrl-a", b"\x01"),
        ("CTRL-A,d", b"\x01d"),
        ("ctrl-@,ctrl-\\", b"\x00\x1c"),
        ("", b"\x10\x10\x11"),
        ("", b"ls\n\x10\x11exit\n"),
    ],
)
def test_the_keys_detach_in_one_write_or_several(text: str, typed: bytes) -> None:
    with pytest.raises(Detached):
        DetachKeys(text, active=True).passed(typed)
    keys = DetachKeys(text, active=True)
    with pytest.raises(Detached):
        [keys.passed(bytes([byte])) for byte in typed]


def test_other_keys_pass_and_a_prefix_is_held_back() -> None:
    keys = DetachKeys("", active=True)
    assert keys.passed(b"ls \x10") == b"ls "
    assert keys.passed(b"x") == b"\x10x"
    assert DetachKeys("", active=False).passed(b"\x10\x11") == b"\x10\x11"


def test_a_report_of_the_terminal_does_not_interrupt_the_keys() -> None:
    keys = DetachKeys("", active=True)
    assert keys.passed(b"\x10") == b""
    assert keys.passed(b"\x1b[2;5R") == b"\x1b[2;5R"
    with pytest.raises(Detached):
        keys.passed(b"\x11")


@pytest.mark.parametrize("text", ["nope", "ctrl-", "ctrl-1", "a,,b"])
def test_invalid_detach_keys(text: str) -> None:
    with pytest.raises(ValueError, match="Invalid detach keys"):
        DetachKeys(text, active=True)
