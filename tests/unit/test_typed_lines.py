"""Docker lines as people type and paste them into cells."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from IPython.core.interactiveshell import InteractiveShell
from unit.commands.stub_engine import StubEngine

import docker_magics
from docker_magics import typed_lines
from docker_magics.cli.pasted import split_variables, without_prompt
from docker_magics.errors import UsageError

_RUN = "get_ipython().run_line_magic('docker', {!r})"


@pytest.fixture
def typing(shell: InteractiveShell) -> InteractiveShell:
    typed_lines.install(shell)
    return shell


@pytest.mark.parametrize(
    ("cell", "lines"),
    [
        ("x = 1\ndocker ps\nsudo docker ps -a", ["x = 1", "docker ps", "sudo docker ps -a"]),
        ("docker run x sh -c 'echo $HOME; ls'\n1", ["docker run x sh -c 'echo $HOME; ls'", "1"]),
        ("if x:\n    docker ps\n", ["if x:", "docker ps"]),
        ("docker run -d \\\n  --name x y\n1", ["docker run -d    --name x y", "1"]),
        ("docker-compose up -d\n1", ["docker-compose up -d", "1"]),
        ("$ docker ps\n1", ["$ docker ps", "1"]),
        ("A=1 B='x y' docker build .\n1", ["A=1 B='x y' docker build .", "1"]),
        ("a = b\nA=1 + 2", ["a = b", "A=1 + 2"]),
        ("docker = 5\ndocker in x", ["docker = 5", "docker in x"]),
        ('"""\ndocker ps\n"""', ['"""', "docker ps", '"""']),
        ("docker.ps()\ndocker - 1", ["docker.ps()", "docker - 1"]),
    ],
)
def test_bare_lines_become_magics(typing: InteractiveShell, cell: str, lines: list[str]) -> None:
    expected = [
        _RUN.format(line)
        if line.startswith(("docker ", "sudo", "docker-", "$", "A=1 B"))
        and line not in {"docker = 5", "docker in x", "docker - 1"}
        and '"""' not in cell
        else line
        for line in lines
    ]
    changed = typing.input_transformer_manager.transform_cell(cell)
    assert [line.strip() for line in changed.splitlines()] == expected


@pytest.mark.parametrize("line", ["docker build - <<EOF", "%docker exec -i x sh << 'EOF'"])
def test_a_here_document_is_an_error_of_one_line(shell: InteractiveShell, line: str) -> None:
    docker_magics.load_ipython_extension(shell)
    done = shell.run_cell(f'x = 1\n{line}\nFROM busybox\nRUN echo "it\'s" (\nEOF\ny = 2\n')
    assert isinstance(done.error_in_exec, UsageError)
    assert done.error_in_exec.message == "cannot use '<<': no shell runs this line"
    assert "%%bash" in str(done.error_in_exec)


@pytest.mark.parametrize("marks", ["?", " ?", "??"])
def test_a_question_mark_shows_the_help_of_docker(typing: InteractiveShell, marks: str) -> None:
    changed = typing.input_transformer_manager.transform_cell(f"x = 1\n%docker run{marks}\n")
    assert changed.splitlines()[1] == _RUN.format("run --help")
    assert "pinfo" in typing.input_transformer_manager.transform_cell("x = 1\nx?\n")


@pytest.mark.parametrize(
    ("cell", "magic"),
    [
        ("# my image\n\n%%dockerfile -t x\nFROM y\n", "'dockerfile', '-t x', 'FROM y\\n'"),
        ("%dockerfile -t x\nFROM y\n", "'dockerfile', '-t x', 'FROM y\\n'"),
        ("# a\n%%docker\nps\n", "'docker', '', 'ps\\n'"),
        ("%compose up\nservices: {}\n", "'compose', 'up', 'services: {}\\n'"),
    ],
)
def test_cell_magics_are_found(typing: InteractiveShell, cell: str, magic: str) -> None:
    changed = typing.input_transformer_manager.transform_cell(cell)
    assert changed == f"get_ipython().run_cell_magic({magic})\n"


def test_other_cells_are_unchanged(typing: InteractiveShell) -> None:
    for cell in ("# %%docker\nx = 1\n", "x = 1\n# %dockerfile\n", "%%bash\ndocker ps\n"):
        typed_lines.uninstall(typing)
        plain = typing.input_transformer_manager.transform_cell(cell)
        typed_lines.install(typing)
        assert typing.input_transformer_manager.transform_cell(cell) == plain


@pytest.mark.parametrize(
    ("line", "command"),
    [
        ("$ docker ps", "docker ps"),
        ("sudo docker ps", "docker ps"),
        ("sudo -E docker ps", "docker ps"),
        ("$ sudo docker ps", "docker ps"),
        ("!docker ps", "docker ps"),
        ("%docker ps", "docker ps"),
        ("docker-compose up", "docker compose up"),
        ("ps", "ps"),
        ("run sudo docker", "run sudo docker"),
        ("$name", "$name"),
    ],
)
def test_prompts_are_removed(line: str, command: str) -> None:
    assert without_prompt(line) == command


def test_pasted_lines_run(shell: InteractiveShell, stub: StubEngine) -> None:
    stub.responses["GET /volumes"] = {"Volumes": [{"Name": "data"}]}
    docker_magics.load_ipython_extension(shell)
    cell = "%%docker\n$ docker volume ls -q\nsudo docker volume ls -q\n!docker volume ls -q\n"
    shell.run_cell(cell).raise_error()
    shell.run_cell("docker volume ls -q\nx = 1").raise_error()
    assert stub.keys == ["GET /volumes"] * 4


def test_variables_in_front_of_a_line_are_the_environment_s(
    stub: StubEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ONE", "before")
    stub.responses["POST /volumes/create"] = {"Name": "data"}
    line = "ONE='x y' TWO={two} docker volume create --label $ONE data"
    docker_magics.docker(line, two=2)
    assert stub.sent("POST /volumes/create")["Labels"] == {"before": ""}
    assert os.environ["ONE"] == "before"
    assert "TWO" not in os.environ
    assert split_variables("A=1 ps") == ("", "A=1 ps")
    assert split_variables("run -e A=1 docker x") == ("", "run -e A=1 docker x")
    stub.responses["POST /containers/create"] = {"Id": "c"}
    docker_magics.docker("ONE='x y' docker create -e ONE busybox")
    assert stub.sent("POST /containers/create")["Env"] == ["ONE=x y"]


@pytest.mark.parametrize(
    ("line", "advice"),
    [
        ("run \u2013rm x", "Write --rm (or -rm)"),
        ("run \u2014name a x", "Write --name"),
        ("ps \u2013a", "Write -a"),
        ("export A=1", "%env A=1"),
        ("buildx bake --check", "errors name the line"),
    ],
)
def test_errors_give_advice(line: str, advice: str, stub: StubEngine) -> None:
    with pytest.raises(UsageError) as caught:
        docker_magics.docker(line)
    assert advice in str(caught.value)
    assert stub.keys == []


@pytest.mark.parametrize("line", ["exec web sh", "run busybox cat", "build -t x ."])
def test_an_input_that_would_be_ignored_is_an_error(
    line: str, stub: StubEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "Dockerfile").write_text("FROM scratch")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match="it is not read"):
        docker_magics.docker(line, input="x")
    assert not [key for key in stub.keys if key.startswith("POST")]


def test_a_body_that_is_not_used_is_reported(
    shell: InteractiveShell, stub: StubEngine, capsys: pytest.CaptureFixture[str]
) -> None:
    stub.responses["GET /volumes"] = {"Volumes": []}
    docker_magics.load_ipython_extension(shell)
    shell.run_cell("%%docker volume ls -q\nps\n").raise_error()
    assert "The cell's body was not used" in capsys.readouterr().err


def test_a_broken_configuration_is_a_warning(
    shell: InteractiveShell,
    stub: StubEngine,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    (tmp_path / "config.json").write_text("{broken")
    stub.responses["GET /volumes"] = {"Volumes": [{"Name": "data"}]}
    docker_magics.load_ipython_extension(shell)
    shell.run_cell("%docker volume ls -q").raise_error()
    assert "WARNING: Error loading config file" in capsys.readouterr().err
    with pytest.raises(UsageError, match="cannot change the CLI's configuration"):
        docker_magics.docker("context use embedded")
    assert (tmp_path / "config.json").read_text() == "{broken"


def test_help_has_the_name_that_was_typed() -> None:
    for line, usage in (
        ("run --help", "docker run [OPTIONS] IMAGE"),
        ("container run --help", "docker container run [OPTIONS] IMAGE"),
        ("ps --help", "docker ps [OPTIONS]"),
        ("container list --help", "docker container ls [OPTIONS]"),
        ("help rmi", "docker rmi [OPTIONS] IMAGE"),
    ):
        assert docker_magics.docker(line).startswith(f"Usage:  {usage}")


def test_removing_nothing_is_reported(
    shell: InteractiveShell, stub: StubEngine, capsys: pytest.CaptureFixture[str]
) -> None:
    stub.responses["DELETE /images/nope"] = (404, "No such image: nope:latest")
    docker_magics.load_ipython_extension(shell)
    shell.run_cell("%docker rmi -f nope").raise_error()
    assert "No such image: nope:latest" in capsys.readouterr().err
