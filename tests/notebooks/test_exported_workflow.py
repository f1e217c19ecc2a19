"""The workflow that section 07 exports runs on the embedded engine, by act.

act runs each step of the job on this machine (`-self-hosted`); `docker` is docker_magics' own.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest

from docker_magics import docker, shim
from tools import notebook_runner

LESSONS = Path(__file__).parent.parent.parent / "notebooks"
IMAGE = "ghcr.io/me/site:1"


@pytest.fixture
def repository(engine: str, tmp_path: Path) -> Path:
    """A Git repository on the branch `draft`, with the workflow that the lesson prints."""
    assert engine
    workflow = tmp_path / ".github/workflows/docker.yml"
    workflow.parent.mkdir(parents=True)
    workflow.write_text(_exported(tmp_path))
    for command in ("init -q -b draft", "add .", "commit -q -m workflow"):
        author = ("-c", "user.name=mina", "-c", "user.email=mina@example.com")
        subprocess.run(["git", *author, *command.split()], cwd=tmp_path, check=True)
    return tmp_path


def _exported(folder: Path) -> str:
    """Run the lesson's cells that need no engine, and return what the export prints."""
    lesson = nbformat.read(LESSONS / "07-from-notebook-to-ci.ipynb", as_version=4)
    first, export = (_cell(lesson, name) for name in ("ci-02", "ci-24"))
    lesson.cells = [first, export]
    notebook_runner.execute(lesson, folder, timeout=120)
    return "".join(output["text"] for output in export.outputs)


def _cell(lesson: Any, name: str) -> Any:
    return next(cell for cell in lesson.cells if cell.id == name)


@pytest.mark.parametrize("address", ["embedded"], indirect=True)
def test_the_workflow_of_the_lesson_builds_and_tests_but_pushes_from_main_only(
    repository: Path, engine: str
) -> None:
    programs = repository / "bin"
    shim.write(programs)
    act = Path(sys.executable).with_name("act")
    environment = {
        "PATH": f"{programs}:{os.environ['PATH']}",
        "HOME": str(repository),
        "DOCKER_HOST": engine,
    }
    try:
        outcome = subprocess.run(
            [act, "push", "-P", "ubuntu-latest=-self-hosted"],
            cwd=repository,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=240,
            check=False,
        )
        assert outcome.returncode == 0, outcome.stdout
        assert f"Success - Main docker build -t {IMAGE}" in outcome.stdout
        assert f"Success - Main docker run --rm {IMAGE}" in outcome.stdout
        assert "docker push" not in outcome.stdout
        assert IMAGE in str(docker("images --format '{{.Repository}}:{{.Tag}}'"))
    finally:
        docker(f"rmi -f {IMAGE}")
