"""Lines as people paste them: with a shell's prompt, variables, with sudo, for docker-compose."""

from __future__ import annotations

import re

_BEFORE = re.compile(r"\s*(?:[$%!]\s*)?(?:sudo\s+(?:-\w+\s+)*)?(?=docker(?:-compose)?(?:\s|$))")

_VALUE = r"""(?:"[^"]*"|'[^']*'|[^\s'"])*"""
#: A pattern of the variables in front of a line: `A=1 B="two words" `.
VARIABLES = rf"(?:[A-Za-z_]\w*={_VALUE}\s+)+"
_WITH_VARIABLES = re.compile(
    rf"\s*(?:[$%!]\s*)?({VARIABLES})(?=sudo\s|docker(?:-compose)?(?:\s|$))"
)


def split_variables(line: str) -> tuple[str, str]:
    """Return the variables in front of a docker line ("" for none), and the line without them."""
    match = _WITH_VARIABLES.match(line)
    return (match[1], line[match.end() :]) if match else ("", line)


def without_prompt(line: str) -> str:
    """Return a line from the word docker on: `$ sudo docker ps` is `docker ps`."""
    if before := _BEFORE.match(line):
        line = line[before.end() :]
    return re.sub(r"^docker-compose(?=\s|$)", "docker compose", line)
