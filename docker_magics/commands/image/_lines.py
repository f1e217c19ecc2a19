"""Finding the Dockerfile line of a build step."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

_STEP = re.compile(r"\[[^\]]*?\d+/\d+\] (?P<instruction>.*)", re.DOTALL)
_HEREDOC = re.compile(r"<<-?([\"']?)(\w+)\1")
_ESCAPE = re.compile(r"#\s*escape\s*=\s*(\S)")


def instructions(dockerfile: str) -> Iterator[tuple[int, str]]:
    """Yield the first lines (counted from 1) and texts of instructions, continuations joined."""
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
    """Return the line of a BuildKit step such as `[stage-1 2/5] RUN make`, or None if unknown."""
    match = _STEP.fullmatch(step)
    if match is None:
        return None
    instruction = _plain(match["instruction"])
    for number, text in instructions(dockerfile):
        candidate = _plain(text)
        # BuildKit truncates names and expands variables: compare prefixes.
        if candidate == instruction or candidate.startswith(instruction.removesuffix("...")):
            return number
    keyword = instruction.split(" ", 1)[0]
    same_keyword = [
        number for number, text in instructions(dockerfile) if _plain(text).startswith(keyword)
    ]
    return same_keyword[0] if len(same_keyword) == 1 else None


def line_of_steps(dockerfile: str, steps: Sequence[str]) -> int | None:
    """Return the line of the last of the classic builder's steps, given in the file's order."""
    known = list(instructions(dockerfile))
    index = -1
    for step in steps:
        instruction = _plain(step)
        matches = (
            position
            for position in range(index + 1, len(known))
            if _plain(known[position][1]) == instruction
        )
        index = next(matches, index + 1)  # stages may be skipped
    return known[index][0] if 0 <= index < len(known) else None


def _plain(text: str) -> str:
    word, _, rest = " ".join(text.split()).partition(" ")
    return f"{word.upper()} {rest}".strip()
