"""Variable expansion in Dockerfiles, by the rules of BuildKit's shell lexer."""

from __future__ import annotations

import pytest

from docker_magics.wire.expansion import ExpansionError, expand, raw_words, split

_VARIABLES = {"x": "one", "empty": "", "path": "/a/b/c.tar.gz", "two": "a b"}


@pytest.mark.parametrize(
    ("word", "expanded"),
    [
        ("$x", "one"),
        ("a${x}b", "aoneb"),
        ("$nope", ""),
        ("$", "$"),
        (r"\$x", "$x"),
        ("'$x'", "$x"),
        ('"$x y"', "one y"),
        (r'"\$x \a"', r"$x \a"),
        ("${nope:-default}", "default"),
        ("${empty:-default}", "default"),
        ("${empty-default}", ""),
        ("${x:+set}", "set"),
        ("${empty+set}", "set"),
        ("${empty:+set}", ""),
        ("${x?needed}", "one"),
        ("${nope:-${x}}", "one"),
        ("${path#*/}", "a/b/c.tar.gz"),
        ("${path##*/}", "c.tar.gz"),
        ("${path%.*}", "/a/b/c.tar"),
        ("${path%%.*}", "/a/b/c"),
        ("${path#z}", "/a/b/c.tar.gz"),
        ("${path%z?}", "/a/b/c.tar.gz"),
        ("${path/a/z}", "/z/b/c.tar.gz"),
        ("${path//a/z}", "/z/b/c.tzr.gz"),
        ("${path//*b*c/z}", "z.tar.gz"),
        ("${path#*a*r}", ".gz"),
        ("${path%%*b*c*}", ""),
        (r"${path/\/a/}", "/b/c.tar.gz"),
        ("<<EOF", "<<EOF"),
    ],
)
def test_expand(word: str, expanded: str) -> None:
    assert expand(word, _VARIABLES) == expanded


def test_split_yields_the_words_of_values() -> None:
    assert split("$two '$two' \"$two\" c", _VARIABLES) == ["a", "b", "$two", "a b", "c"]


def test_raw_words_keep_variables() -> None:
    assert raw_words('a "b $c" ${d:-e}') == ["a", '"b $c"', "${d:-e}"]
    assert raw_words("'a b' \\c", quotes=False, escapes=False) == ["a b", "c"]


def test_long_words() -> None:
    assert expand("x" * 1_000_000, {}) == "x" * 1_000_000
    assert split(" ".join("$x" for _ in range(1000)), _VARIABLES) == ["one"] * 1000


@pytest.mark.parametrize("word", ["${a//*a*a*a*a*a*a*ab/}", "${a%%*a*a*a*a*a*a*ab}"])
def test_patterns_that_take_exponential_time_by_backtracking(word: str) -> None:
    assert expand(word, {"a": "a" * 200}) == "a" * 200


@pytest.mark.parametrize("word", ["$a$a", "${a}${a}", '"$a$a"', "${a//a/aa}", "${b:-$a$a}"])
def test_variables_that_grow_are_refused(word: str) -> None:
    with pytest.raises(ExpansionError, match="the value is too long"):
        expand(word, {"a": "a" * 100_000})


def test_a_pattern_that_would_take_minutes_is_refused() -> None:
    with pytest.raises(ExpansionError, match="the value is too long for a pattern"):
        expand("${a//*a?b/}", {"a": "a" * 20_000})


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("'a", "looking for matching single-quote"),
        ('"a', "looking for matching double-quote"),
        ("${", "missing '}'"),
        ("${x", "unsupported modifier () in substitution"),
        ("${}", "bad substitution"),
        ("${x:-a", "missing '}'"),
        ("${x!y}", "unsupported modifier (!) in substitution"),
        ("${x:#y}", "unsupported modifier (:#) in substitution"),
        ("${nope?}", "nope: is not allowed to be unset"),
        ("${empty:?}", "empty: is not allowed to be empty"),
        ("${nope?say so}", "nope: say so"),
        ("${x/a", "missing '/' in ${}"),
        (r"${x#\a}", r"invalid escape '\a'"),
    ],
)
def test_errors(word: str, message: str) -> None:
    with pytest.raises(ExpansionError) as caught:
        expand(word, _VARIABLES)
    assert message in str(caught.value)
    assert str(caught.value).startswith("failed to process")
