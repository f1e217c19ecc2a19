"""Exported notebooks run on real engines: the script, and the Compose file."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from docker_magics import docker, shim


@pytest.fixture
def names(engine: str) -> Iterator[list[str]]:
    """The names of a container, an image, a network and a volume, removed at the end."""
    assert engine
    unique = uuid.uuid4().hex[:8]
    yield [f"{kind}-{unique}" for kind in ("web", "localhost/app", "back", "data")]
    docker(f"rm -fv web-{unique}")
    docker(f"rmi -f localhost/app-{unique}")
    for kind in ("network rm back", "volume rm data"):
        docker(f"{kind}-{unique}")


@pytest.fixture
def notebook(names: list[str], tmp_path: Path) -> Path:
    """A notebook that builds an image and runs a container of it."""
    web, app, back, data = names
    cells = (
        f"%load_ext docker_magics\nname = '{web}'",
        f"%%dockerfile -t {app}\nFROM busybox\nRUN echo built > /built\n\n",
        f"%docker network create {back}\n%docker volume create {data}",
        f"%docker run -d --name {{name}} --network {back} -v {data}:/data -e KEY=x {app} sleep 99",
        f"%%docker exec -it {web} sh\ncat /built; echo $KEY > /data/key\n",
        f"%docker exec {web} cat /data/key\n%docker exec -it {web} sh",
    )
    path = tmp_path / "n.ipynb"
    code = [{"cell_type": "code", "source": cell, "metadata": {}} for cell in cells]
    path.write_text(json.dumps({"cells": code, "nbformat": 4}))
    return path


def _export(notebook: Path, form: str) -> str:
    command = [sys.executable, "-m", "docker_magics", "export", str(notebook), "--to", form]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_the_script_runs(
    notebook: Path, names: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shim.write(tmp_path / "bin")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    script = tmp_path / "script.sh"
    script.write_text(_export(notebook, "sh"))
    done = subprocess.run(["/bin/sh", script], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.splitlines()[-2:]) == (0, ["built", "x"]), done.stderr
    assert docker("inspect -f {{.State.Running}} {name}", name=names[0]) == "true"


def test_the_compose_file_runs(notebook: Path, names: list[str], tmp_path: Path) -> None:
    file = tmp_path / "compose.yaml"
    file.write_text(_export(notebook, "compose"))
    # Without the buildx plugin, Compose cannot build a Dockerfile inside of the file.
    docker("build -t {name} -", name=names[1], input="FROM busybox\nRUN echo built > /built\n")
    docker("compose -f {file} up -d", file=file)
    try:
        key = "exec {name} sh -c {command}"
        assert docker(key, name=names[0], command="cat /built; echo $KEY") == "built\nx"
    finally:
        docker("compose -f {file} down -t 0", file=file)
    docker("network create {name}", name=names[2])  # as the fixture removes it
