"""Listings: one description of an object type yields its DataFrame, `-q` and `--format` output.

source: docker/cli, cli/command/formatter: one *Context per type; formatter.go: Context.Write.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from contextvars import ContextVar
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from .text import Lines, Text, align_columns

if TYPE_CHECKING:
    from .table import Column, Table

#: Whether listings are the CLI's text; DataFrames, which need pandas, otherwise.
AS_TEXT = ContextVar("AS_TEXT", default=False)
#: API object (and the template's arguments, as in `.Label "x"`) -> the text that the CLI prints.
Field = Callable[..., Any]
_FIELD = r"\{\{\.(\w+)\}\}"
_PLAIN_TABLE = rf"{_FIELD}(\t{_FIELD})*"


class Listing(NamedTuple):
    """A description of one type of object for listings.

    Attributes:
        fields: the fields that templates may name, in any order: `{"ID": ..., "Names": ...}`.
        columns: returns the typed columns of the DataFrame.
        table: the CLI's default table, as the template after `table `.
        headings: a field's heading in tables, if it is not the field's name in capitals.
        identity: the field that `-q` prints.
        methods: the fields that take arguments.
        json: the fields that have another value in JSON.
        live: the command line that shows the listing live; "" if no such command exists.
        go_type: the name of the type in the CLI's error about an unknown field.
    """

    fields: Mapping[str, Field]
    columns: Callable[[], Sequence[Column]]
    table: str
    headings: Mapping[str, str]
    identity: str = "ID"
    methods: frozenset[str] = frozenset({"Label"})
    json: Mapping[str, Field] = MappingProxyType({})
    live: str = ""
    go_type: str = ""


def text_listing(
    fields: Mapping[str, Field],
    *shown: str,
    headings: Mapping[str, str] | None = None,
    identity: str = "ID",
    go_type: str = "",
) -> Listing:
    """Return a listing whose DataFrame has the same text columns as the CLI's table.

    Args:
        fields: see Listing.
        *shown: the fields that become columns; by default all of them.
        headings: see Listing.
        identity: see Listing.
        go_type: see Listing.
    """
    names, given_headings = shown or tuple(fields), headings or {}

    def columns() -> Sequence[Column]:
        from .table import Column

        return [Column(given_headings.get(name, name.upper()), fields[name]) for name in names]

    table = "\t".join(f"{{{{.{name}}}}}" for name in names)
    return Listing(fields, columns, table, given_headings, identity, go_type=go_type)


class Row:
    """An object as templates see it."""

    def __init__(self, listing: Listing, value: Any) -> None:
        self.listing = listing
        self.value = value

    @property
    def go_type(self) -> str:
        """The type's name in Go."""
        return self.listing.go_type

    def template_field(self, name: str, arguments: Sequence[Any]) -> Any:
        """Return the text of a field.

        Raises:
            KeyError: the field does not exist.
            ValueError: the number of arguments is wrong; the message is Go's.
        """
        show, expected = self.listing.fields[name], int(name in self.listing.methods)
        if len(arguments) != expected:
            problem = f"wrong number of args for {name}: want {expected} got {len(arguments)}"
            raise ValueError(problem)
        return show(self.value, *arguments)

    def as_json(self) -> dict[str, Any]:
        """Return the fields that `--format json` prints: all that take no arguments."""
        fields = {**self.listing.fields, **self.listing.json}
        methods = self.listing.methods
        names = sorted(fields.keys() - methods)
        return {name: fields[name](self.value) for name in names}


class _Headings:
    """The row of headings as templates see it."""

    def __init__(self, listing: Listing) -> None:
        self.listing = listing

    @property
    def go_type(self) -> str:
        """The type's name in Go."""
        return self.listing.go_type

    def template_field(self, name: str, arguments: Sequence[Any]) -> Any:
        if name in self.listing.methods:
            # A label's heading is its last component: "my team" for com.example.my-team.
            return re.sub(r"[-_]", " ", str(arguments[0]).rpartition(".")[2]) if arguments else ""
        if name not in self.listing.fields:
            from .gotemplate.values import MISSING

            return MISSING  # as in Go, where headings are a map; the rows raise the error
        return self.listing.headings.get(name, name.upper())


def render_listing(
    listing: Listing, objects: Sequence[Any], *, form: str = "", quiet: bool = False
) -> Table | Lines | Text:
    """Return objects as `-q` (a list of str), `--format` (the CLI's text) or a DataFrame.

    With AS_TEXT the DataFrame's place is taken by the CLI's table.

    Args:
        listing: the description of the objects' type.
        objects: the API objects.
        form: the value of `--format`: `json`, `table`, `table TEMPLATE` or a template.
        quiet: whether `-q` was given.

    Raises:
        TemplateError: the format has a syntax error or names an unknown field.
    """
    if quiet and form in {"", "table"}:
        identity = listing.fields[listing.identity]
        return Lines([str(identity(obj)) for obj in objects])
    if form or AS_TEXT.get():
        return format_listing(listing, objects, form or "table")
    from . import table

    return table.make(listing.columns(), objects, live=listing.live)


def lines_or_table(
    objects: Sequence[Any], line: Callable[[Any], str], columns: Callable[[], Sequence[Column]]
) -> Table | Text:
    """Return a DataFrame of objects for which the CLI prints lines; with AS_TEXT those lines.

    Args:
        objects: the objects.
        line: object -> the CLI's line.
        columns: returns the columns of the DataFrame.
    """
    if AS_TEXT.get():
        return Text("".join(f"{line(obj)}\n" for obj in objects))
    from . import table

    return table.make(columns(), objects)


def format_listing(listing: Listing, objects: Sequence[Any], form: str) -> Text:
    """Return what the CLI prints for `--format`: `json`, `table`, `table TEMPLATE` or a template.

    Raises:
        TemplateError: the format has a syntax error or names an unknown field.
    """
    if form == "table" and re.fullmatch(_PLAIN_TABLE, listing.table):
        return _plain_table(listing, objects)
    from .gotemplate import ERROR_PREFIX, TemplateError

    try:
        return _formatted(listing, objects, form)
    except TemplateError as error:
        raise TemplateError(ERROR_PREFIX + error.message.removeprefix(ERROR_PREFIX)) from error


def _formatted(listing: Listing, objects: Sequence[Any], form: str) -> Text:
    from .gotemplate import Template

    rows = [Row(listing, obj) for obj in objects]
    if form == "json":
        form = "{{json .}}"
    if not form.startswith("table"):
        template = Template(_unescaped(form))
        return Text("".join(template.render(row) + "\n" for row in rows))
    source = _unescaped(form.removeprefix("table").strip()) or listing.table
    heading = Template(source, functions=_HEADING_FUNCTIONS).render(_Headings(listing))
    template = Template(source)
    return Text(align_columns([heading, *(template.render(row) for row in rows)]))


def _plain_table(listing: Listing, objects: Sequence[Any]) -> Text:
    """Return a table of fields alone. Templates would print the same, but take time to import."""
    names = re.findall(_FIELD, listing.table)
    headings = [listing.headings.get(name, name.upper()) for name in names]
    rows = [[str(listing.fields[name](obj)) for name in names] for obj in objects]
    return Text(align_columns(["\t".join(row) for row in [headings, *rows]]))


def _unescaped(form: str) -> str:
    return form.replace("\\t", "\t").replace("\\n", "\n")


def _same(value: Any, *_: Any) -> Any:
    return value


#: Functions that change a column's values do not change its heading.
_HEADING_FUNCTIONS = dict.fromkeys(
    ("json", "split", "join", "title", "lower", "upper", "pad", "truncate"), _same
)


def labels(pairs: Mapping[str, str] | None) -> str:
    """Return labels as the CLI prints them: `a=1,b=2`."""
    return ",".join(sorted(f"{key}={value}" for key, value in (pairs or {}).items()))
