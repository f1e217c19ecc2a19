"""Completion: commands, flags, and names from the engine."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from docker_magics.cli.complete import complete
from docker_magics.errors import NoEngine


def names(words: Sequence[str]) -> list[str]:
    """An engine with two of each."""
    return {
        "ps": ["web", "worker"],
        "images": ["redis:7", "<none>:<none>"],
        "network": ["bridge", "backend"],
    }[words[0]]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("sto", ["stop"]),
        ("container sto", ["stop"]),
        ("stop w", ["web", "worker"]),
        ("stop web wo", ["worker"]),
        ("stop --ti", ["--timeout"]),
        ("stop --timeout w", []),
        ("rename web w", []),
        ("run re", ["redis:7"]),
        ("run -d --network b", ["backend", "bridge"]),
        ("run -d --name x re", ["redis:7"]),
        ("logs we", ["web"]),
        ("nonsense x", []),
        ("explain ren", ["rename"]),
        ("trace rename we", ["web"]),
        ("explain stop --ti", ["--timeout"]),
        ("explain --la", ["--lang"]),
    ],
)
def test_complete(text: str, words: list[str]) -> None:
    assert complete(text, names) == words


def test_an_empty_line_offers_every_command() -> None:
    assert {"run", "ps", "container", "image"} <= set(complete("", names))


def test_without_an_engine_there_are_no_names() -> None:
    def nobody(words: Sequence[str]) -> list[str]:
        raise NoEngine(f"no engine for {words}")

    assert complete("stop ", nobody) == []
