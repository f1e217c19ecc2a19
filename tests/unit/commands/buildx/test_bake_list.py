"""docker buildx bake --list, compared with what buildx 0.29.1 printed; completion of the names."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from unit.commands.stub_engine import StubEngine, run

from docker_magics.cli.complete import complete
from docker_magics.errors import UsageError

_FILE = """
target "x" { description = "the x" }
target "_p" {}
target "b" {}
group "g" {
  targets = ["x", "b", "a"]
  description = "grp"
}
group "h" { targets = ["x", "b"] }
target "m" {
  name = "m-${v}"
  matrix = { v = ["1", "2"] }
  description = "of ${v}"
}
"""
_TABLE = (
    "TARGET\tDESCRIPTION\nb\t\ng\tgrp (a, b, x)\nh\tb, x\nm\tm-1, m-2\n"
    "m-1\tof 1\nm-2\tof 2\nx\tthe x\n"
)


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("docker-bake.hcl").write_text(_FILE)


def test_the_targets_are_listed() -> None:
    assert run("buildx bake --list targets", StubEngine()) == _TABLE
    listed = json.loads(run("buildx bake --list type=targets,format=json", StubEngine()))
    assert listed[:2] == [
        {"name": "b"},
        {"name": "g", "description": "grp (a, b, x)", "group": True},
    ]


def test_the_columns_are_aligned() -> None:
    Path("docker-bake.hcl").write_text('target "a-longer-name" {}\ntarget "x" {}')
    table = "TARGET\t\tDESCRIPTION\na-longer-name\t\nx\t\t\n"
    assert run("buildx bake --list targets", StubEngine()) == table


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("--list x", 'invalid list type "x"'),
        ("--list type=targets,format=x", 'invalid list format "x"'),
        ("--list a,b", "invalid value a"),
        ("--list type=targets,a=b", "unexpected key 'a' in 'a=b'"),
        ("--list variables", "cannot list the variables: unsupported"),
        ("--list targets --print", "--print and --list are mutually exclusive"),
    ],
)
def test_what_is_invalid(line: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        run(f"buildx bake {line}", StubEngine())


def test_the_names_are_completed() -> None:
    def list_names(command: object) -> list[str]:
        assert isinstance(command, list)
        return str(run(" ".join(command), StubEngine())).split("\n")

    assert complete("buildx bake m", list_names) == ["m", "m-1", "m-2"]
    Path("docker-bake.hcl").write_text("target {")
    assert complete("buildx bake m", list_names) == []
