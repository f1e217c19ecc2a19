"""Patterns of .dockerignore."""

from __future__ import annotations

import pytest

from docker_magics.wire.dockerignore import IgnoreError, parse


@pytest.mark.parametrize(
    ("pattern", "excluded", "kept"),
    [
        ("*.log", ["a.log"], ["d/a.log", "a.logs"]),
        ("**/*.log", ["a.log", "d/e/a.log"], ["a.txt"]),
        ("sub", ["sub", "sub/a", "sub/b/c"], ["subs", "a/sub"]),
        ("/sub/", ["sub", "sub/a"], ["a/sub"]),
        ("sub/**", ["sub/a", "sub/b/c"], ["sub"]),
        ("**/sub", ["sub", "a/sub", "a/sub/b"], ["asub"]),
        ("**sub", ["sub", "asub", "a/b/xsub"], ["subs"]),
        ("a/**/z", ["a/z", "a/b/c/z"], ["a/bz", "z"]),
        ("**", ["a", "a/b"], []),
        ("a?c", ["abc", "a한c"], ["a/c", "ac"]),
        ("[a-c]x", ["ax", "cx"], ["dx"]),
        ("[^a]x", ["bx"], ["ax"]),
        ("[[&]x", ["[x", "&x"], ["ax"]),
        (r"\*", ["*"], ["a"]),
        ("a.b+(c)", ["a.b+(c)"], ["aXb"]),
        ("./x/../y", ["y"], ["x"]),
        ("../x", [], ["x", "y"]),
        (".", [], ["x"]),
        ("*a*b", ["xaxb", "aab", "ab/c"], ["ab c", "b"]),
        ("**/a*/**/b?", ["a/bc", "x/ax/y/bc/d"], ["a/b", "xa/bc"]),
        ("a**b", ["ab", "ax/b"], ["axb"]),
        ("**/foo**/bar", ["foo/foobar"], ["foo/xbar"]),
        # with regular expressions, both take exponential time
        ("**/a/" * 10 + "b", ["a/" * 40 + "b"], ["a/" * 2000 + "c"]),
        ("*a" * 12 + "b", ["a" * 40 + "b"], ["a" * 4000]),
    ],
)
def test_patterns(pattern: str, excluded: list[str], kept: list[str]) -> None:
    ignore = parse(pattern)
    assert [path for path in excluded if not ignore.excludes(path)] == []
    assert [path for path in kept if ignore.excludes(path)] == []


def test_the_last_matching_pattern_decides() -> None:
    ignore = parse("*.md\n!README*.md\nREADME-secret.md\n")
    assert ignore.excludes("a.md")
    assert not ignore.excludes("README.md")
    assert ignore.excludes("README-secret.md")


def test_files_below_an_excluded_folder_can_be_included() -> None:
    ignore = parse("sub\n!sub/keep\n! sub/deep/**/x\n")
    assert ignore.excludes("sub")
    assert not ignore.excludes("sub/keep")
    assert ignore.may_keep_below("sub")
    assert ignore.may_keep_below("sub/deep/any/where")
    assert not ignore.may_keep_below("other")
    assert not ignore.may_keep_below("sub/keep/more")


def test_comments_blank_lines_and_a_byte_order_mark() -> None:
    ignore = parse("\ufeff# all\n\n  a  \n #b\n")
    assert ignore.excludes("a")
    assert ignore.excludes("#b")
    assert not ignore.excludes(" all")


@pytest.mark.parametrize("line", ["!", "[a", "a[", "x["])
def test_unreadable_files_and_patterns(line: str) -> None:
    with pytest.raises(IgnoreError):
        parse(line)
