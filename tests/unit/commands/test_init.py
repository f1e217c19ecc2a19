"""docker init writes starter files, and says which ones it keeps."""

from __future__ import annotations

from pathlib import Path

import pytest

from docker_magics.errors import UsageError
from docker_magics.session import Session


def test_files_are_written_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "main.py").write_text("")
    (tmp_path / ".dockerignore").write_text("mine\n")
    lines = Session().run("init")
    assert lines == [
        "Recognized Python 3.13",
        "Wrote Dockerfile",
        "Kept .dockerignore: it exists; --force replaces it",
        "Wrote compose.yaml",
        "Start it with: docker compose up --build",
    ]
    assert (tmp_path / ".dockerignore").read_text() == "mine\n"
    first = (tmp_path / "Dockerfile").read_bytes()
    lines = Session().run(f"init --force {tmp_path}")
    assert lines[1:4] == ["Replaced Dockerfile", "Replaced .dockerignore", "Replaced compose.yaml"]
    assert (tmp_path / "Dockerfile").read_bytes() == first


def test_a_port_is_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "index.html").write_text("")
    lines = Session().run("init")
    assert lines[0] == "Recognized a static site, listens on port 80"
    assert lines[-1].endswith("docker compose up --build, then open http://localhost:8080")


def test_an_unknown_project(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="expected a project in Go, Java, Node, Python"):
        Session().run(f"init {tmp_path}")
    with pytest.raises(UsageError, match=r"cannot initialize \S+/none: not a folder"):
        Session().run(f"init {tmp_path}/none")
    assert list(tmp_path.iterdir()) == []
