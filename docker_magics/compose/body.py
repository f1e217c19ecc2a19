"""The body of a %%compose cell, and the line of it that an error of Compose is about.

Errors of Compose name a key (`services.web.ports`) or a line of the body; the reader of a cell
needs the line of the cell.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from docker_magics.wire.compose_file import keys

_YAML_LINE = re.compile(r"\bline (\d+):")
_YAML_MARKS = re.compile(r"\bL(\d+)\.C\d+")
_OBJECT = re.compile(r"\b(service|network|volume|config|secret) \"?([\w.-]+)\"?")
_DOTTED = re.compile(r"[\w-]+(?:\.[\w-]+|\[[\w-]+\])+")
_UNKNOWN_KEY = re.compile(r"(?:([\w.-]+) )?additional properties '([^']+)'")
_TOP_LEVEL = re.compile(r"(\w+) must be\b")
_CYCLE = re.compile(r"dependency cycle detected: ([\w.-]+)")
_FILE = re.compile(r"\b(?:file|open|path|stat) \"?(/[^\s:\"]+)")


@dataclass(frozen=True)
class ComposeBody:
    """The text of a Compose file in a cell.

    Attributes:
        text: the body, without the cell's first line.
    """

    text: str

    def line_of(self, message: str) -> int | None:
        """Return the line of the body, from 1, that an error of Compose is about; None if unknown.

        Args:
            message: `yaml: line 3: ...`, `... at L2.C3-L4.C4: ...`, `services.web.ports must be
                a array`, `service "web" depends on ...`, `invalid hostPort: 70000`,
                `env file /home/me/web.env not found: ...`.
        """
        if marks := _YAML_MARKS.findall(message) or _YAML_LINE.findall(message):
            return int(marks[-1])
        return (
            self._line_of_key(message)
            or self._line_of_file(message)
            or self._line_of_value(message)
        )

    def _line_of_key(self, message: str) -> int | None:
        lines = {key.path: key.line for key in reversed(list(keys(self.text)))}
        prefixes = [path[:end] for path in _paths(message) for end in range(1, len(path) + 1)]
        known = [prefix for prefix in prefixes if prefix in lines]
        return lines[max(known, key=len)] if known else None

    def _line_of_file(self, message: str) -> int | None:
        """Return the first line that names a file of the message, by the end of its path."""
        numbered = list(enumerate(self.text.splitlines(), 1))
        for path in _FILE.findall(message):
            names = path.split("/")
            for start in range(len(names)):
                end = re.compile(rf"(?<![\w-]){re.escape('/'.join(names[start:]))}(?![\w-])")
                for number, line in numbered:
                    if end.search(line):
                        return number
        return None

    def _line_of_value(self, message: str) -> int | None:
        """Return the only line that holds a value behind one of the message's colons."""
        numbered = list(enumerate(self.text.splitlines(), 1))
        for value in message.split(": ")[1:]:
            held = [number for number, line in numbered if value in line]
            if len(held) == 1:
                return held[0]
        return None


def _paths(message: str) -> Iterator[tuple[str, ...]]:
    """Yield the keys that a message names."""
    for dotted in _DOTTED.findall(message):
        yield tuple(re.findall(r"[\w-]+", dotted))
    for parent, key in _UNKNOWN_KEY.findall(message):
        yield (*filter(None, parent.split(".")), key)
    if match := _TOP_LEVEL.match(message):
        yield (match[1],)
    if match := _CYCLE.match(message):
        yield ("services", match[1], "depends_on")
    for kind, name in _OBJECT.findall(message):
        yield (f"{kind}s", name)
