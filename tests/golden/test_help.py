"""Every command's `--help` is the one that docker CLI 29.7.2 prints, at 80 columns."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from docker_magics.cli import index
from docker_magics.cli.help import command_help

RECORDED: dict[str, str] = json.loads(Path(__file__).with_name("help.json").read_text())

#: Command with a different page -> reason.
DIFFERENT = {
    "image build": "also has --builder, which the CLI has in its buildx plugin",
    "image ls": "has no --tree, which is experimental in the CLI",
    "volume create": "has no flags of cluster volumes, which need a swarm's CSI plugins",
    "volume ls": "has no --cluster, for the same reason",
}


def test_every_command_exists() -> None:
    assert [name for name in RECORDED if name not in index.spellings()] == []


@pytest.mark.parametrize("name", sorted(set(RECORDED) & set(index.spellings())))
def test_help_page(name: str) -> None:
    page = command_help(index.load(index.spellings()[name]))
    if name in DIFFERENT:
        assert page != RECORDED[name], f"{name} does not differ: remove it from DIFFERENT"
        assert page.splitlines()[:3] == RECORDED[name].splitlines()[:3]
    else:
        assert page == RECORDED[name]
