"""Collect the sentences of `explain` for the hovers of the JupyterLab extension.

`python -m tools.hover` writes docker_magics/labextension/static/sentences-LANGUAGE.json; the format
is `Sentences` of labextension/src/hover.ts.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import docker_magics
from docker_magics.cli import global_options, index
from docker_magics.cli.command import Flag
from docker_magics.explain.texts import Texts, texts
from docker_magics.phrase import LANGUAGES

FOLDER = Path(docker_magics.__file__).parent / "labextension/static"


def sentences(language: Texts) -> dict[str, Any]:
    """Return what the hovers of one language need."""
    entries = set(index.spellings().values())
    commands = {entry.name: language.command(entry.name, entry.summary) for entry in entries}
    commands |= _compose_commands(language)
    flags = {
        entry.name: _flags(entry.name, index.load(entry).flags(), language) for entry in entries
    }
    return {
        "instructions": language.content["instructions"],
        "compose_keys": language.content["compose_keys"],
        "spellings": {spelling: entry.name for spelling, entry in index.spellings().items()},
        "commands": commands,
        "flags": {"": _flags("docker", global_options.flags(), language), **flags},
    }


def _flags(command: str, flags: Iterable[Flag], language: Texts) -> dict[str, str]:
    """Return the text of each flag's long and short name."""
    named: dict[str, str] = {}
    for flag in flags:
        text = language.flag(command, flag)
        named |= {f"--{flag.long}": text, **({f"-{flag.short}": text} if flag.short else {})}
    return named


def _compose_commands(language: Texts) -> Mapping[str, str]:
    prefix = "compose_"
    return {
        f"compose {name.removeprefix(prefix)}": text
        for name, text in language.content["sentences"].items()
        if name.startswith(prefix) and name not in {"compose_verb", "compose_option"}
    }


def file_of(language: str) -> Path:
    """Return the file of a language's sentences."""
    return FOLDER / f"sentences-{language}.json"


def text_of(language: str) -> str:
    """Return the content of that file."""
    content = sentences(texts(language))
    return json.dumps(content, ensure_ascii=False, indent=0, sort_keys=True) + "\n"


if __name__ == "__main__":
    for code in LANGUAGES:
        file_of(code).write_text(text_of(code), encoding="utf-8")
