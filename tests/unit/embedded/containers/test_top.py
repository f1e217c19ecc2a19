"""The processes of a container."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from docker_magics.embedded.containers import top
from docker_magics.embedded.errors import ApiError, BadParameter

OUTPUT = [
    "UID        PID  PPID CMD",
    "root         1     0 sh -c sleep 1; echo done",
    "root        22     1 sleep 1",
    "mallory  fake     1 1 22",
    "short",
]


def test_only_the_container_s_processes_are_selected() -> None:
    assert top.select(OUTPUT, {22, 1}) == {
        "Titles": ["UID", "PID", "PPID", "CMD"],
        "Processes": [
            ["root", "1", "0", "sh -c sleep 1; echo done"],
            ["root", "22", "1", "sleep 1"],
        ],
    }
    assert top.select(OUTPUT, {7})["Processes"] == []


@pytest.mark.parametrize("lines", [[], ["USER COMMAND", "root sh"]])
def test_an_output_without_pids_is_refused(lines: list[str]) -> None:
    with pytest.raises(ApiError, match="Couldn't find PID field in ps output"):
        top.select(lines, {1})


@pytest.mark.parametrize("arguments", ["-ef; rm -rf /", "$(id)", "-o 'pid'", "a|b", "`id`"])
def test_unsafe_arguments_are_refused(arguments: str) -> None:
    with pytest.raises(BadParameter, match="invalid ps arguments"):
        top.list_processes({1}, arguments)


def test_without_ps_the_columns_are_those_of_ps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    listed = top.list_processes({os.getpid(), 1 << 30}, "")
    assert listed["Titles"] == ["UID", "PID", "PPID", "C", "STIME", "TTY", "TIME", "CMD"]
    [row] = listed["Processes"]
    command = Path("/proc/self/cmdline").read_text().replace("\0", " ").strip()
    assert row[0] == str(os.getuid())
    assert row[1:4] == [str(os.getpid()), str(os.getppid()), "0"]
    assert row[7] == command


@pytest.fixture
def ps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A fake ps without -q."""
    program = tmp_path / "ps"
    program.write_text(
        '#!/bin/sh\ncase "$*" in\n'
        '*-q*) echo "unknown option -q" >&2; exit 1;;\n'
        '*bad*) echo "unknown column" >&2; exit 1;;\n'
        'esac\necho "PID CMD"; echo "5 $*"; echo "6 other"\n'
    )
    program.chmod(0o755)
    monkeypatch.setattr(shutil, "which", lambda _name: str(program))
    return program


@pytest.mark.usefixtures("ps")
def test_options_that_cannot_be_combined_with_a_selection() -> None:
    assert top.list_processes({5}, "aux")["Processes"] == [["5", "aux"]]
    assert top.list_processes({5}, "")["Processes"] == [["5", "-ef"]]


@pytest.mark.usefixtures("ps")
def test_errors_of_ps() -> None:
    with pytest.raises(ApiError, match=r"^ps: unknown column$"):
        top.list_processes({5}, "-o bad")
