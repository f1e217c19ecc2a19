"""Completion: commands, flags, and names from the engine."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from docker_magics.cli.complete import complete
from docker_magics.cli.words import split
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


#: Names that a careless completion would run, split or take for a flag.
HOSTILE = [
    "web{open('/tmp/x')}",
    "web$(docker rm -f db)",
    "web`docker ps`",
    "web; ls",
    "web'\"{evil()}\"'",
    "web$HOME",
    "web #",
    "web\\",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_completed_name_is_one_argument_and_nothing_in_it_runs(name: str) -> None:
    evaluated: list[str] = []

    def record(text: str = "") -> str:
        evaluated.append(text)
        return text

    for typed in ("we", "'we", '"we'):
        [completed] = complete(f"network inspect {typed}", lambda _: [name])
        namespace = {"open": record, "evil": record}
        assert split(f"network inspect {completed}", namespace, record)[2:] == [name]
    assert not evaluated


@pytest.mark.parametrize(
    "before", ['network inspect "a ', "network inspect {f( ", "network inspect $(docker stop "]
)
def test_inside_quotes_and_expressions_only_plain_names_are_offered(before: str) -> None:
    assert complete(f"{before}we", lambda _: ["web", *HOSTILE]) == ["web"]


@pytest.mark.parametrize("name", ["--privileged", "-f", "a\nb", "a\x1b[2J", "\u202egnp", ""])
def test_flags_and_unprintable_names_are_not_offered(name: str) -> None:
    assert complete("network inspect ", lambda _: [name, "web"]) == ["web"]
