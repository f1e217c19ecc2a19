"""Suggestions for misspelled words."""

from __future__ import annotations

from collections.abc import Iterable

from docker_magics.phrase import Phrase


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return `, did you mean X?`, or "" if no known word is similar."""
    from difflib import get_close_matches

    candidates = list(known)
    longer = [name for name in candidates if len(word) > 2 and name.startswith(word)]
    near = longer[:1] or get_close_matches(word, candidates, n=1, cutoff=0.6)
    if not near:
        return ""
    return str(Phrase(f", did you mean {near[0]}?", f". 혹시 {near[0]} 아닌가요?"))
