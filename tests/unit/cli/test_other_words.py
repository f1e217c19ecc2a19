"""Words that are no commands: what the docker CLI says, and what to use instead."""

from __future__ import annotations

from pathlib import Path

import pytest

from docker_magics.cli import index
from docker_magics.cli.other_words import OTHER_WORDS
from docker_magics.engine import cli_plugins
from docker_magics.errors import UnknownCommand
from docker_magics.session import Session


@pytest.fixture
def plugins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder of plugins."""
    monkeypatch.setattr(cli_plugins, "_SYSTEM_FOLDERS", ())
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    folder = tmp_path / "cli-plugins"
    folder.mkdir()
    return folder


def _error(*args: str) -> UnknownCommand:
    with pytest.raises(UnknownCommand) as caught:
        index.resolve(args)
    return caught.value


@pytest.mark.parametrize("word", OTHER_WORDS)
def test_a_word_of_a_plugin_is_one_line(plugins: Path, word: str) -> None:
    assert list(plugins.iterdir()) == []
    text = str(_error(*word.split(), "x"))
    assert text == f"docker: unknown command: docker {word}: {OTHER_WORDS[word]}"
    assert word not in index.spellings()


def test_a_misspelling(plugins: Path) -> None:
    assert list(plugins.iterdir()) == []
    assert str(_error("nope")) == (
        "docker: unknown command: docker nope\nRun 'docker --help' for more information"
    )
    assert _error("rnu").message == "docker: unknown command: docker rnu, did you mean run?"
    assert _error("image", "biuld").message == (
        "docker: unknown command: docker image biuld, did you mean build?"
    )
    assert str(_error("volume", "nope")) == (
        "docker: unknown command: docker volume nope\n"
        "Run 'docker volume --help' for more information"
    )
    assert _error("contaner", "ls").message.endswith("docker contaner, did you mean container?")


def test_an_installed_plugin_is_run(plugins: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///x.sock")
    program = plugins / "docker-scout"
    program.write_text(
        '#!/bin/sh\necho "$DOCKER_CLI_PLUGIN_ORIGINAL_CLI_COMMAND $DOCKER_HOST $*"\ncat\nexit 3\n'
    )
    program.chmod(0o755)
    result = Session().run("scout cves --only-severity high me/app")
    assert result == "docker unix:///x.sock scout cves --only-severity high me/app"
    assert result.exit_code == 3
    assert _error("nope").hint == "Run 'docker --help' for more information"


def test_buildx_is_the_plugin_if_it_is_installed(plugins: Path) -> None:
    command, _ = index.resolve(["buildx", "ls"])
    assert command.command_name() == "buildx ls"
    assert "install the buildx plugin" in str(_error("buildx", "create", "--use"))
    program = plugins / "docker-buildx"
    program.write_text("#!/bin/sh\necho plugin $*\n")
    program.chmod(0o755)
    _, args = index.resolve(["buildx", "ls"])
    assert args == ["buildx", "ls"]
