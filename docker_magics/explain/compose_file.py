"""Explain a Compose file: one sentence for each key."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase

from docker_magics.wire.compose_file import keys

from .line import Part
from .texts import Texts


def explain_file(text: str, texts: Texts) -> Iterator[Part]:
    """Yield the lines with a key in order, as typed, with the key's meaning.

    Keys without a sentence of their own, such as the names of environment variables, are left out.

    Args:
        text: the file.
        texts: the sentences of one language.
    """
    lines = text.splitlines()
    for key in keys(text):
        if meaning := _meaning(key.path, texts):
            yield Part(lines[key.line - 1].rstrip(), "", meaning)


def _meaning(path: Sequence[str], texts: Texts) -> str:
    for pattern, sentence in texts.content["compose_keys"].items():
        parts = pattern.split(".")
        if len(parts) == len(path) and all(map(fnmatchcase, path, parts)):
            return str(sentence)
    return ""
