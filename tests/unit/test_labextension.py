"""The JupyterLab extension is complete, and its sentences are those of `explain`."""

from __future__ import annotations

import json

import pytest

from docker_magics.cli.complete_dockerfile import INSTRUCTIONS
from docker_magics.explain.texts import texts
from docker_magics.phrase import LANGUAGES
from docker_magics.version import __version__
from tools import hover

ROOT = hover.FOLDER.parent


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_sentences_are_not_stale(language: str) -> None:
    written = hover.file_of(language).read_text(encoding="utf-8")
    assert written == hover.text_of(language), "run `make bundle`"
    assert set(texts(language).content["instructions"]) == set(INSTRUCTIONS.split())


def test_jupyterlab_finds_the_extension() -> None:
    manifest = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))
    entry = ROOT / manifest["jupyterlab"]["_build"]["load"]
    assert "docker-magics" in entry.read_text(encoding="utf-8")
    assert manifest["version"] == __version__
