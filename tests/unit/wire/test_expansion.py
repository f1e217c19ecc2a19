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
