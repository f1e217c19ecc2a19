"""Regular expressions match what Go's match, in bounded steps."""

from __future__ import annotations

import pytest

from docker_magics.hcl.limits import Budget
from docker_magics.hcl.regexp import Regexp


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("(|a)*", "aa", ["", ""]),  # after an empty iteration, the loop ends
        ("(|a)+", "aa", ["", ""]),
        ("(a|b)*", "abc", ["ab", "b"]),
        ("(a*)*", "b", ["", ""]),
        ("(a)*?b", "aab", ["aab", "a"]),
        ("(a){2,}", "aaa", ["aaa", "a"]),
        ("(a){2,}", "a", None),
        ("(a){0,}b", "b", ["b", None]),
        ("a|ab", "ab", ["a"]),
        ("(?i)k", "K", ["K"]),
        ("(?m)^b$", "a\nb\nc", ["b"]),
        ("(?U)a+", "aa", ["a"]),
        (r"\b\pL+\b", "1 é", None),  # \b knows ASCII only
    ],
)
def test_matches(pattern: str, text: str, expected: list[str | None] | None) -> None:
    match = Regexp(pattern, Budget().spend).search(text)
    assert (match and [match.group(0), *match.groups()]) == expected


def test_a_group_of_many_iterations() -> None:
    """The groups are read once, not at each place where the match could end."""
    match = Regexp("(a)*", Budget().spend).search("a" * 50_000)
    assert match
    assert match.ends == [0, 50_000, 49_999, 50_000]
