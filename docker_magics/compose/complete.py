"""Completion of Compose's words, which Compose itself knows, and of the keys of a Compose file.

source: spf13/cobra, completions.go: `__complete` prints `CANDIDATE<tab>DESCRIPTION` lines, and last
`:DIRECTIVE`, a bit set.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterable, Sequence
from fnmatch import fnmatchcase

from docker_magics.errors import DockerMagicsError
from docker_magics.wire.compose_file import keys

from .program import find

#: Seconds to wait for Compose.
_PATIENCE_S = 2.0
_NO_FILES = 4
#: The commands that a notebook adds.
_OURS = ("diagram", "explain")


def complete_words(
    before: Sequence[str], typed: str, list_files: Callable[[str], Iterable[str]], body: str = ""
) -> list[str]:
    """Return the candidates for the end of a line about Compose, sorted; [] without Compose.

    Args:
        before: the words after `compose`.
        typed: the word to complete.
        list_files: returns the files whose paths begin with a text.
        body: a cell's body, the Compose file; "" if there is none.
    """
    file = ["-f", "-"] if body else []
    try:
        done = subprocess.run(  # noqa: S603 - no shell is involved
            [find(), "__complete", *file, *before, typed],
            input=body,
            capture_output=True,
            check=False,
            text=True,
            timeout=_PATIENCE_S,
        )
    except (DockerMagicsError, OSError, subprocess.TimeoutExpired):
        return []
    *lines, directive = done.stdout.splitlines() or [f":{_NO_FILES}"]
    candidates = [line.partition("\t")[0] for line in lines] + ([] if before else [*_OURS])
    if not int(directive.lstrip(":") or 0) & _NO_FILES and not typed.startswith("-"):
        candidates += list_files(typed)
    return sorted({name for name in candidates if name.startswith(typed) and name.isprintable()})


def complete_key(above: str, line: str, known: Iterable[str]) -> list[str]:
    """Return the keys that may stand at the end of a line of a Compose file, sorted.

    Args:
        above: the file above the line.
        line: the line up to the cursor.
        known: all keys, by their paths: `services.*.ports`.
    """
    typed = key_fragment(line)
    if ":" in line:
        return []
    *_, key = keys(f"{above}\n{line.removesuffix(typed)}x:")
    *parent, _ = key.path
    patterns = [pattern.split(".") for pattern in known]
    names = {
        parts[-1]
        for parts in patterns
        if len(parts) == len(key.path)
        and all(map(fnmatchcase, parent, parts[:-1]))
        and parts[-1] != "*"
    }
    return sorted(f"{name}:" for name in names if name.startswith(typed))


def key_fragment(line: str) -> str:
    """Return the end of a line that the candidates replace."""
    return line.rpartition(" ")[2]
