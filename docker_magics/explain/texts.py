"""The sentences of each language: `en.json` and `ko.json`.

Each file has these maps: `sentences` (keyed by the name that the code uses), `commands` (a one-line
summary), `flags` and `operands` (keyed by command or command group; `*` is the fallback for
everyday commands), `compose_keys` (keyed by a path with `*` for names) and `instructions` of
Dockerfiles. If a file has no entry, docker's English help text is used.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from docker_magics.cli.command import Flag

#: Groups of commands in which flags of the same name mean the same.
_EVERYDAY = frozenset({"container", "image", "network", "system", "volume"})
_SAME_FLAGS = {"container create": "container run"}


@dataclass(frozen=True)
class Texts:
    """The sentences of one language.

    Attributes:
        content: the parsed JSON file.
    """

    content: Mapping[str, Any]

    def say(self, sentence: str, /, **values: Any) -> str:
        """Return a sentence with the values filled in."""
        return str(self.content["sentences"][sentence]).format(**values)

    def has(self, name: str) -> bool:
        """Whether a sentence of this name exists."""
        return name in self.content["sentences"]

    def command(self, name: str, summary: str) -> str:
        """Return the one-line summary of a command; `summary` if it is not translated."""
        return str(self.content["commands"].get(name, summary))

    def flag(self, command: str, flag: Flag) -> str:
        """Return the purpose of a flag; its own help text if it is not translated."""
        first, *_ = flag.help.split("\n")
        return self._of("flags", command, flag.long) or first.removesuffix(":")

    def operand(self, command: str, field: str, value: str) -> str | None:
        """Return a sentence about an operand, or None."""
        sentence = self._of("operands", command, field)
        return sentence and sentence.format(value=value)

    def _of(self, kind: str, command: str, name: str) -> str | None:
        group = command.partition(" ")[0]
        places = [
            command,
            _SAME_FLAGS.get(command, ""),
            group,
            "*" if group in _EVERYDAY or kind == "operands" else "",
        ]
        texts = (self.content[kind].get(place, {}).get(name) for place in places)
        return next((text for text in texts if text), None)


@functools.cache
def texts(name: str) -> Texts:
    """Load the sentences of `en` or `ko`."""
    file = Path(__file__).with_name(f"{name}.json")
    return Texts(json.loads(file.read_text(encoding="utf-8")))
