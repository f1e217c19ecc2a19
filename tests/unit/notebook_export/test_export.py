"""docker-magics export: a notebook as a script, a Compose file and a workflow."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
import yaml

from docker_magics import program
from docker_magics.errors import UsageError
from docker_magics.notebook_export.compose import compose_file
from docker_magics.notebook_export.shell import script
from docker_magics.notebook_export.steps import Notebook, read
from docker_magics.notebook_export.workflow import workflow

CELLS = (
    "%load_ext docker_magics\nname = 'web'\nport = 8080\ncount = len([1])",
    "# app\n%%time\n%%dockerfile -t me/app:1\nFROM busybox\nRUN echo $HOME > /x\nCMD httpd -f\n",
    "%docker network create back\n%docker volume create data",
    (
        '%docker run -d --name $name -p {port}:80 -e KEY=a\\ b -v data:/data -v "$PWD":/src:ro \\\n'
        "  --network back --network-alias www --health-cmd 'true' --restart no me/app:1 httpd -f;"
    ),
    "docker ps --format '{{.Names}}'\nx = %docker ps -q\n%docker df << ps -a\n!docker ps | wc -l",
    "%%docker exec -it web sh\necho hi\nEND",
    "%docker exec -it web sh\n%docker ui\n%docker logs -f web\n%docker stats",
    "%docker rm -f {df['CONTAINER ID']}\nfor i in range(2):\n    %docker stop web",
    "%%bash\ndocker ps\necho done",
    "%%docker\n# comment\nrun -d --name gone busybox sleep 1\nrm -f gone\nps",
    "%docker run?",
)


def write(path: Path, *cells: str, tags: tuple[str, ...] = ()) -> Path:
    """Write a notebook."""
    code = [{"cell_type": "code", "source": cell, "metadata": {"tags": tags}} for cell in cells]
    text = {"cell_type": "markdown", "source": "docker rm -f everything"}
    path.write_text(json.dumps({"cells": [text, *code], "nbformat": 4}))
    return path


@pytest.fixture
def notebook(tmp_path: Path) -> Notebook:
    return read(write(tmp_path / "n.ipynb", *CELLS))


def test_a_script(notebook: Notebook) -> None:
    text = script(notebook)
    assert subprocess.run(["sh", "-n"], input=text, text=True, check=True).returncode == 0
    lines = text.splitlines()
    assert lines[:5] == [
        "#!/bin/sh",
        "# Made from n.ipynb by docker-magics export.",
        "set -eu",
        "name=web",
        "port=8080",
    ]
    assert "docker build -t me/app:1 - <<'END'" in lines
    run = next(line for line in lines if "--health-cmd" in line)
    assert run.startswith("docker run -d --name $name -p ${port}:80 -e KEY=a\\ b -v data:/data")
    assert run.endswith("me/app:1 httpd -f")
    for line in ("docker ps --format '{{.Names}}'", "docker ps -q", "docker ps -a"):
        assert line in lines
    assert "docker ps | wc -l" in lines
    assert "docker exec -i web sh <<'END_'" in lines
    assert "# it needs a user:" in lines
    assert "# the docker CLI has no ui:" in lines
    assert "docker logs web" in lines
    assert "docker stats --no-stream" in lines
    assert "# docker rm -f {df['CONTAINER ID']}" in lines
    assert "# docker stop web" in lines
    assert "docker ps\necho done\n" in text
    assert "docker run -d --name gone busybox sleep 1" in lines
    assert "everything" not in text


def test_a_compose_file(notebook: Notebook) -> None:
    content = yaml.safe_load(compose_file(notebook))
    assert list(content["services"]) == ["web"]
    assert content["services"]["web"] == {
        "image": "me/app:1",
        "container_name": "web",
        "build": {
            "context": ".",
            "dockerfile_inline": "FROM busybox\nRUN echo $$HOME > /x\nCMD httpd -f\n",
        },
        "command": ["httpd", "-f"],
        "ports": ["8080:80"],
        "environment": ["KEY=a b"],
        "volumes": ["data:/data", ".:/src:ro"],
        "networks": {"back": {"aliases": ["www"]}},
        "healthcheck": {"test": ["CMD-SHELL", "true"]},
        "restart": "no",
    }
    assert content["networks"] == {"back": {"name": "back"}}
    assert content["volumes"] == {"data": {"name": "data"}}


def test_a_compose_cell_is_the_compose_file(tmp_path: Path) -> None:
    body = "services:\n  web:\n    image: busybox\n"
    notebook = read(write(tmp_path / "n.ipynb", f"%%compose -p x\n{body}", "%docker ps"))
    assert compose_file(notebook).endswith(body)
    assert "docker compose -f - -p x up -d <<'END'" in script(notebook)


def test_values_of_variables_are_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOKEN", "hush")
    notebook = read(write(tmp_path / "n.ipynb", "%docker run -d -e TOKEN -e A=$TOKEN busybox"))
    for form in (script, compose_file, workflow):
        assert "hush" not in form(notebook)
    service = yaml.safe_load(compose_file(notebook))["services"]["app1"]
    assert service["environment"] == ["TOKEN", "A=$TOKEN"]


def test_mounts_networks_and_unknown_flags(tmp_path: Path) -> None:
    lines = (
        "%docker run -d --name a --mount type=bind,src=/x,dst=/y,readonly --network other busybox",
        "%docker run -d --name b --network host --mount type=tmpfs,target=/t --gpus all busybox",
        "%docker network create late\n%docker network connect late a",
    )
    text = compose_file(read(write(tmp_path / "n.ipynb", *lines)))
    content = yaml.safe_load(text)
    assert content["services"]["a"]["volumes"] == ["/x:/y:ro"]
    assert content["services"]["a"]["networks"] == ["other", "late"]
    assert content["services"]["b"]["network_mode"] == "host"
    assert content["services"]["b"]["tmpfs"] == ["/t"]
    assert content["networks"]["other"] == {"name": "other", "external": True}
    assert "# Not translated: --gpus of b\n" in text


def test_a_workflow(notebook: Notebook) -> None:
    content = yaml.safe_load(workflow(notebook))
    job = content["jobs"]["docker"]
    assert job["env"] == {"name": "web", "port": "8080"}
    steps = job["steps"]
    assert steps[0] == {"uses": "actions/checkout@v4"}
    assert any(step.get("run", "").startswith("docker build -t me/app:1 -") for step in steps)
    assert steps[-1]["if"] == "github.event_name == 'push' && github.ref == 'refs/heads/main'"
    assert "docker push ghcr.io/${GITHUB_REPOSITORY,,}/app:1" in steps[-1]["run"]


def test_pushes_of_the_notebook_log_in(tmp_path: Path) -> None:
    cells = ("%docker build -t r.example/app .", "%docker push r.example/app")
    steps = yaml.safe_load(workflow(read(write(tmp_path / "n.ipynb", *cells))))["jobs"]["docker"]
    login, push = steps["steps"][1], steps["steps"][-1]
    assert login["run"].endswith("--password-stdin r.example")
    assert login["env"]["TOKEN"] == "${{ secrets.REGISTRY_TOKEN }}"  # noqa: S105 - an expression
    assert (push["run"], push["if"]) == ("docker push r.example/app", login["if"])


def test_expressions_of_github_stay_text(tmp_path: Path) -> None:
    notebook = read(write(tmp_path / "n.ipynb", "%docker run busybox echo '${{ secrets.X }}'"))
    steps = yaml.safe_load(workflow(notebook))["jobs"]["docker"]["steps"]
    assert steps[1]["run"] == "docker run busybox echo '${{ '${{' }} secrets.X }}'"


@pytest.mark.parametrize(
    ("line", "exported"),
    [
        ("docker run -it --rm busybox", "# docker run -it --rm busybox"),
        ("docker run --rm -ti busybox echo hi", "docker run --rm -i busybox echo hi"),
        ("docker run -t busybox ls -t", "docker run busybox ls -t"),
        ("docker run --tty busybox echo 'a  b'", "docker run busybox echo 'a  b'"),
        ("docker exec -it db psql", "# docker exec -it db psql"),
        ("docker exec -it db psql -c x", "docker exec -i db psql -c x"),
        ("docker run -it --nope x", "# docker run -it --nope x"),
    ],
)
def test_lines_with_a_terminal(tmp_path: Path, line: str, exported: str) -> None:
    assert script(read(write(tmp_path / "n.ipynb", f"%{line}"))).splitlines()[-1] == exported


def test_failures_that_are_expected(tmp_path: Path) -> None:
    notebook = read(write(tmp_path / "n.ipynb", "%docker stop nosuch", tags=("raises-exception",)))
    assert "docker stop nosuch || true" in script(notebook)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "it is not a notebook"),
        ("[]", "it is not a notebook"),
        ('{"cells": []}', "it has no docker commands"),
    ],
)
def test_what_is_not_a_notebook(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "n.ipynb"
    path.write_text(content)
    with pytest.raises(UsageError, match=message):
        read(path)


@pytest.mark.parametrize(
    ("cell", "line"),
    [
        ("$ docker ps", "docker ps"),
        ("A=1 docker build -q .", "A=1 docker build -q ."),
        ("%A='1 2' sudo docker ps", "A='1 2' sudo docker ps"),
        ("%%dockerfile -t 'a\nFROM x", "# no closing ' for the one at column 4:"),
        ("%%compose\nservices: {}", "docker compose -f - up -d <<'END'"),
        ("%%compose -p x\nservices: {}", "docker compose -f - -p x up -d <<'END'"),
        ("%%compose up --build\nservices: {}", "docker compose -f - up --build <<'END'"),
        ("%%compose -p\nservices: {}", "# docker compose -f - -p"),
    ],
)
def test_a_line_of_the_script(tmp_path: Path, cell: str, line: str) -> None:
    assert line in script(read(write(tmp_path / "n.ipynb", cell))).splitlines()


def test_a_notebook_without_containers(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="it makes no containers that stay"):
        compose_file(read(write(tmp_path / "n.ipynb", "%docker run --rm busybox true")))


def test_the_program(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(tmp_path / "n.ipynb", "%docker ps")
    assert program.run(["export", str(path), "--to", "sh"]) == 0
    assert capsys.readouterr().out.endswith("set -eu\n\ndocker ps\n")
    assert program.run(["export", str(path), "--to", "nothing"]) == 1
    assert "expected --to sh, compose, github" in capsys.readouterr().err
