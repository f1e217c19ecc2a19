"""Lines as people paste them: with a shell's prompt, with sudo, for docker-compose."""

from __future__ import annotations

import re

_BEFORE = re.compile(r"\s*(?:[$%!]\s*)?(?:sudo\s+(?:-\w+\s+)*)?(?=docker(?:-compose)?(?:\s|$))")


def without_prompt(line: str) -> str:
    """Return a line from the word docker on: `$ sudo docker ps` is `docker ps`."""
    if before := _BEFORE.match(line):
        line = line[before.end() :]
    return re.sub(r"^docker-compose(?=\s|$)", "docker compose", line)
