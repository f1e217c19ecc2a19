"""The sentences, in English or Korean: `en.json`, `ko.json`.

Each file has `sentences` (by the names that the code uses), `commands` (a command's one line),
`flags` and `operands` (by command, or by its group; `*` is for those of everyday commands). Where a
file has nothing, docker's own help says it, in English.
"""

from __future__ import annotations

import functools
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from docker_magics.cli.command import Flag

LANGUAGES = ("en", "ko")
VARIABLE = "DOCKER_MAGICS_LANG"

#: Groups of commands whose flags mean the same wherever they have the same name.
_EVERYDAY = frozenset({"container", "image", "network", "system", "volume"})
_SAME_FLAGS = {"container create": "container run"}


@dataclass(frozen=True)
class Texts:
    """The sentences of one language."""

    found: Mapping[str, Any]

    def say(self, sentence: str, /, **values: Any) -> str:
        """A sentence, with values in it."""
        return str(self.found["sentences"][sentence]).format(**values)

    def has(self, name: str) -> bool:
        """Whether there is such a sentence."""
        return name in self.found["sentences"]

    def command(self, name: str, summary: str) -> str:
        """What a command does, in a line."""
        return str(self.found["commands"].get(name, summary))

    def flag(self, command: str, flag: Flag) -> str:
        """What a flag is for."""
        first, *_ = flag.help.split("\n")
        return self._of("flags", command, flag.long) or first.removesuffix(":")

    def operand(self, command: str, field: str, value: str) -> str | None:
        """What an operand is; None where nothing is known of it."""
        found = self._of("operands", command, field)
        return found and found.format(value=value)

    def _of(self, kind: str, command: str, name: str) -> str | None:
        group = command.partition(" ")[0]
        places = [
            command,
            _SAME_FLAGS.get(command, ""),
            group,
            "*" if group in _EVERYDAY or kind == "operands" else "",
        ]
        texts = (self.found[kind].get(place, {}).get(name) for place in places)
        return next((text for text in texts if text), None)


def language() -> str:
    """The language that DOCKER_MAGICS_LANG asks for, as `ko` or `ko_KR.UTF-8`; else English."""
    asked = os.environ.get(VARIABLE, "")[:2].lower()
    return asked if asked in LANGUAGES else LANGUAGES[0]


@functools.cache
def texts(name: str) -> Texts:
    """The sentences of `en` or `ko`."""
    file = Path(__file__).with_name(f"{name}.json")
    return Texts(json.loads(file.read_text(encoding="utf-8")))
