"""Which line of a Dockerfile a step of the build comes from."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

_STEP = re.compile(r"\[[^\]]*?\d+/\d+\] (?P<instruction>.*)", re.DOTALL)
_HEREDOC = re.compile(r"<<-?([\"']?)(\w+)\1")
_ESCAPE = re.compile(r"#\s*escape\s*=\s*(\S)")


def instructions(dockerfile: str) -> Iterator[tuple[int, str]]:
    """The instructions, continued lines joined, with the lines (from 1) on which they begin."""
    escape = _ESCAPE.match(dockerfile)
    joined = escape[1] if escape else "\\"
    lines = enumerate(dockerfile.splitlines(), start=1)
    for number, line in lines:
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        text = line.strip()
        while text.endswith(joined):
            _, following = next(lines, (0, ""))
            if not following.lstrip().startswith("#"):
                text = f"{text[:-1].rstrip()} {following.strip()}"
            elif not text.endswith(joined):
                break
        yield number, text
        for _quote, end in _HEREDOC.findall(text):
            for _, inner in lines:
                if inner.strip() == end:
                    break


def line_of_step(dockerfile: str, step: str) -> int | None:
    """The line of a BuildKit step's name, `[stage-1 2/5] RUN make`; None where none is it."""
    match = _STEP.fullmatch(step)
    if match is None:
        return None
    wanted = _plain(match["instruction"])
    for number, text in instructions(dockerfile):
        found = _plain(text)
        # Names are cut off, and variables replaced: the nearest beginning wins.
        if found == wanted or found.startswith(wanted.removesuffix("...")):
            return number
    word = wanted.split(" ", 1)[0]
    same_word = [
        number for number, text in instructions(dockerfile) if _plain(text).startswith(word)
    ]
    return same_word[0] if len(same_word) == 1 else None


def line_of_steps(dockerfile: str, steps: Sequence[str]) -> int | None:
    """The line of the last of the classic builder's steps, which come in the file's order."""
    found = list(instructions(dockerfile))
    at = -1
    for step in steps:
        wanted = _plain(step)
        same = (place for place in range(at + 1, len(found)) if _plain(found[place][1]) == wanted)
        at = next(same, at + 1)  # stages may be left out
    return found[at][0] if 0 <= at < len(found) else None


def _plain(text: str) -> str:
    word, _, rest = " ".join(text.split()).partition(" ")
    return f"{word.upper()} {rest}".strip()
