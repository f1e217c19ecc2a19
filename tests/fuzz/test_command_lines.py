"""What a user types: lines, flags, values of flags, templates of --format."""

from __future__ import annotations

import contextlib
import shlex

from fuzz.shared import JSON, TEXTS, texts_of
from hypothesis import given
from hypothesis import strategies as st

from docker_magics.cli import flag_types
from docker_magics.cli import words as line_words
from docker_magics.cli.flag_types import FlagType
from docker_magics.cli.line import parse_command
from docker_magics.errors import UsageError
from docker_magics.results.gotemplate import Template, TemplateError
from docker_magics.wire import filters, go

LINES = texts_of(
    "' \" \\ { } {n} $ ` ~ # a",
    " ",
    "\n",
    "$(docker ps)",
)


@given(LINES)
def test_a_line_is_split_or_a_usage_error(line: str) -> None:
    try:
        split = line_words.split(line, {"n": [1, 2]}, lambda command: command)
    except UsageError:
        return
    assert line_words.split(shlex.join(split)) == split


@given(texts_of("' \" \\ a", " ", "\t"))
def test_a_line_without_expansions_is_split_as_by_a_shell(line: str) -> None:
    if not line.isascii() or set(line) & set("#{}$`~|;&<>\v\f\x1c\x1d\x1e\x1f"):
        return
    if "\\\n" in line:  # a shell joins the lines, shlex does not
        return
    try:
        expected = shlex.split(line)
    except ValueError:
        return
    assert line_words.split(line) == expected


FLAGS = [
    "--", "-", "-d", "-it", "-p", "-p=", "80:80", "--name", "--name=x", "--init=maybe", "--net",
    "-e", "A=b", "--mount", "type=bind", "-v", "/a:/b", "busybox", "--no-such", "-x=", "---",
]  # fmt: skip


@given(
    st.sampled_from(
        ["container run", "ps", "build", "image ls", "network create", "service create"]
    ),
    st.lists(st.sampled_from(FLAGS) | TEXTS, max_size=8),
)
def test_arguments_are_a_command_or_a_usage_error(name: str, args: list[str]) -> None:
    with contextlib.suppress(UsageError):
        parse_command([*name.split(), *args])


TYPES = {
    **flag_types.FLAG_TYPES,
    **{name: value for name, value in vars(flag_types).items() if isinstance(value, FlagType)},
}
VALUES = texts_of(
    "= , : / - + . 0 1 99999999999999999999 0x e 1e9 k MiB h µs _ type= bind volume "
    'tmpfs src= dst= readonly true " nofile rwm ::1 10.0.0.1 tcp 80 env!= device= '
    "name mode= x",
    "c *:* ",
    size=8,
)


@given(st.sampled_from(sorted(TYPES)), VALUES)
def test_a_flags_value_is_parsed_or_a_value_error(name: str, text: str) -> None:
    try:
        TYPES[name].parse(text)
    except (ValueError, UsageError):
        return


@given(st.integers(-(1 << 63), (1 << 63) - 1))
def test_durations_are_formatted_as_they_are_parsed(nanoseconds: int) -> None:
    assert go.parse_duration(go.format_duration(nanoseconds)) == nanoseconds


@given(st.dictionaries(TEXTS, st.lists(TEXTS, unique=True, max_size=3), max_size=3))
def test_filters_are_decoded_as_they_are_encoded(given_filters: dict[str, list[str]]) -> None:
    expected = {key: sorted(values) for key, values in given_filters.items()}
    assert filters.decode(filters.encode(given_filters)) == expected


@given(TEXTS | JSON.map(repr))
def test_filters_are_decoded_or_a_filter_error(text: str) -> None:
    try:
        filters.decode(text)
    except filters.FilterError:
        return


TEMPLATES = texts_of(
    '{{ }} {{- -}} . .A .B.C $ $x := = | ( ) "a" ` \' else end break continue 1 -1 1.5 0x1f '
    '1e400 true nil "%d" "%[9]*.*[1]f" /* */ if range with define template block json index '
    "slice printf len eq lt and not split join table pad truncate html js urlquery call title "
    "upper println",
    "9" * 400,
    size=14,
    joint=" ",
)
DATA = {"A": "text", "B": {"C": [1, 2.5, None, True]}, "D": {}}


@given(TEMPLATES | TEMPLATES.map("{{{{{}}}}}".format), st.booleans())
def test_a_template_is_rendered_or_a_template_error(text: str, strict: bool) -> None:  # noqa: FBT001
    try:
        Template(text, strict=strict).render(DATA)
    except TemplateError:
        return


@given(JSON)
def test_a_template_shows_any_value(value: object) -> None:
    Template("{{.}} {{json .}} {{len (print .)}}").render(value)
