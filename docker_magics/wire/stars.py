"""Regular expressions for shell patterns: their time is bounded, whoever wrote the pattern.

Each star but the last one takes as little as it can, and does not backtrack. Nothing is lost by
that: a piece that is found earlier leaves more for what follows. Otherwise, `*a*a*a*a*b` takes
exponential time, in which no other thread of the process runs.

source: Go, path/match.go, which matches in the same way.
"""

from __future__ import annotations

from collections.abc import Sequence


def join(pieces: Sequence[str], star: str, *, shortest: bool = False) -> str:
    """Return a regular expression of pieces with a star between two of them.

    Args:
        pieces: regular expressions of texts of one length.
        star: the star's, such as `.*`.
        shortest: whether the last star takes as little as it can too.
    """
    first, *others = pieces
    if not others:
        return first
    *inner, last = others
    middle = "".join(f"(?>{star}?{piece})" for piece in inner)
    return f"{first}{middle}{star}{'?' if shortest else ''}{last}"
