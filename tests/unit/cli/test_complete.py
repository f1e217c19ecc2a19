"""Completion: commands, flags, and names from the engine."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from docker_magics.cli.complete import complete
from docker_magics.errors import NoEngine


def names(args: Sequence[str]) -> list[str]:
    """Return two names of each kind, like an engine."""
    return {
        "ps": ["web", "worker"],
        "images": ["redis:7", "<none>:<none>"],
        "network": ["bridge", "backend"],
    }[args[0]]


@pytest.mark.parametrize(
    ("text", "candidates"),
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
def test_complete(text: str, candidates: list[str]) -> None:
    assert complete(text, names) == candidates


def test_an_empty_line_offers_every_command() -> None:
    assert {"run", "ps", "container", "image"} <= set(complete("", names))


def test_names_without_an_engine_are_empty() -> None:
    def no_engine(args: Sequence[str]) -> list[str]:
        raise NoEngine(f"no engine for {args}")

    assert complete("stop ", no_engine) == []
