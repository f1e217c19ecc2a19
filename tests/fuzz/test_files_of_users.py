"""Texts of users that the engine reads: Dockerfiles, .dockerignore, image references."""

from __future__ import annotations

import contextlib
import itertools

from fuzz.shared import TEXTS, texts_of
from hypothesis import given
from hypothesis import strategies as st
from pathspec import GitIgnoreSpec

from docker_magics.embedded.dockerfile.changes import apply_changes
from docker_magics.embedded.dockerfile.validate import validate_all
from docker_magics.embedded.errors import BadParameter
from docker_magics.embedded.images.platforms import parse_platform
from docker_magics.wire import dockerfile, dockerignore, expansion, reference

DOCKERFILES = texts_of(
    "RUN CMD COPY ADD ENV ARG LABEL ONBUILD HEALTHCHECK EXPOSE SHELL USER VOLUME WORKDIR "
    "STOPSIGNAL [1] [ <<EOF # \\ ` --from=b --chmod=9 --interval=1s --retries= --retries=9 = a=b "
    '$x ${x:- } 80/tcp 1-65535 99999999999999999999 / NONE % #* // "',
    '["a", "b"]',
    "FROM a\n",
    "FROM a AS b\n",
    "# escape=`\n",
    "# x\n",
    "<<-'E'\n",
    "\nEOF\n",
    "\nE\n",
    "\\\n",
    "`\n",
    "\n",
    "\r\n",
    "\t",
    "\ufeff",
    size=16,
    joint=" ",
)


@given(DOCKERFILES)
def test_a_dockerfile_is_parsed_or_an_error_with_its_line(text: str) -> None:
    try:
        parsed = dockerfile.parse(text)
    except dockerfile.DockerfileError as error:
        lines = [error.line]
    else:
        lines = [instruction.line for instruction in parsed.instructions]
        with contextlib.suppress(BadParameter):
            validate_all(parsed.instructions)
    assert lines == sorted(lines)
    assert all(0 <= line <= text.count("\n") + 1 for line in lines)


@given(st.lists(DOCKERFILES, max_size=2))
def test_changes_are_applied_or_a_bad_parameter(changes: list[str]) -> None:
    with contextlib.suppress(BadParameter):
        apply_changes({"Env": ["PATH=/bin"]}, changes)


WORDS = texts_of(
    "$ { } x : - + ? # % / * \\ ' \" ${x <<",
    " ",
)


@given(WORDS, st.sampled_from(["\\", "`"]))
def test_a_word_is_expanded_or_an_expansion_error(word: str, escape: str) -> None:
    variables = {"x": "a/b*c/aaa", "y": ""}
    for function in (expansion.expand, expansion.split):
        with contextlib.suppress(expansion.ExpansionError):
            function(word, variables, escape)


@given(st.text(st.characters(exclude_characters="'", exclude_categories=["Cs"]), min_size=1))
def test_a_quoted_word_is_unchanged(text: str) -> None:
    assert expansion.expand(f"'{text}'", {}) == text


PATTERNS = texts_of(
    "* ** ? [ ] [a-c] [^a] ! / a b . .. \\ # -",
    "\n",
    " ",
)
PATHS = st.lists(st.sampled_from(["a", "b", "c", "ab", "a.b", "#a"]), min_size=1, max_size=4).map(
    "/".join
)


@given(PATTERNS, PATHS)
def test_an_ignore_file_is_parsed_or_an_ignore_error(text: str, path: str) -> None:
    with contextlib.suppress(dockerignore.IgnoreError):
        ignore = dockerignore.parse(text)
        ignore.excludes(path)
        ignore.may_keep_below(path)


@given(
    st.lists(
        st.sampled_from(["a", "b", "*", "a*", "?", "ab", "[ab]", "**"]), min_size=1, max_size=4
    ),
    PATHS,
)
def test_anchored_patterns_are_those_of_gitignore(parts: list[str], path: str) -> None:
    """Both agree on patterns that begin at the root and end with a name."""
    if parts[-1] == "**" or any(pair == ("**", "**") for pair in itertools.pairwise(parts)):
        return
    pattern = "/" + "/".join(parts)
    theirs = GitIgnoreSpec.from_lines([pattern]).match_file(path)
    assert dockerignore.parse(pattern).excludes(path) == theirs


REFERENCES = texts_of(
    "a B / : @ . - _ __ docker.io localhost library/ 5000 [::1] latest sha256: sha512: é",
    "a" * 64,
    "\n",
)


@given(REFERENCES | TEXTS)
def test_a_reference_is_parsed_or_a_reference_error(text: str) -> None:
    try:
        parsed = reference.parse(text)
    except reference.ReferenceError:
        return
    assert reference.parse(str(parsed)) == parsed
    first = parsed.path.partition("/")[0]
    if "." not in first and first != "localhost":  # else it is read as a domain, also by docker
        assert reference.parse(parsed.familiar) == parsed


@given(
    texts_of(
        "linux / amd64 arm v7 x86_64 _ windows unknown",
    )
)
def test_a_platform_is_parsed_or_a_bad_parameter(text: str) -> None:
    with contextlib.suppress(BadParameter):
        assert parse_platform(str(parse_platform(text)))
