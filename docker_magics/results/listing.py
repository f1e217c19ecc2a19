"""Listings: one description of a kind of object gives its DataFrame, its -q and its --format.

source: docker/cli, cli/command/formatter: one *Context a kind; formatter.go: Context.Write.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .text import Lines, Text, align_columns

if TYPE_CHECKING:
    from .table import Column, Table

#: API object (and the template's arguments, as in `.Label "x"`) -> the text that the CLI prints.
Field = Callable[..., Any]


@dataclass(frozen=True)
class Listing:
    """How objects of a kind are listed.

    Attributes:
        fields: what templates may name, in any order: `{"ID": ..., "Names": ...}`.
        headings: the heading of each field in tables, where it is not the field's own in capitals.
        columns: the typed columns of the DataFrame.
        table: the CLI's own table, as a template's text behind `table `.
        identity: the field that -q prints.
        methods: the fields that take arguments.
        json: the fields that JSON writes otherwise.
        live: the line that shows them live, "" where there is none.
        go_type: what the CLI calls an object of that kind where it does not find a field.
    """

    fields: Mapping[str, Field]
    columns: Callable[[], Sequence[Column]]
    table: str
    headings: Mapping[str, str]
    identity: str = "ID"
    methods: frozenset[str] = frozenset({"Label"})
    json: Mapping[str, Field] = field(default_factory=dict)
    live: str = ""
    go_type: str = ""


def text_listing(
    fields: Mapping[str, Field],
    *shown: str,
    headings: Mapping[str, str] | None = None,
    identity: str = "ID",
    go_type: str = "",
) -> Listing:
    """A listing whose DataFrame holds the same texts as the CLI's table.

    Args:
        fields: as of a Listing.
        *shown: the fields that are columns; all of them if none is named.
        headings: as of a Listing.
        identity: as of a Listing.
        go_type: as of a Listing.
    """
    names, heads = shown or tuple(fields), headings or {}

    def columns() -> Sequence[Column]:
        from .table import Column

        return [Column(heads.get(name, name.upper()), fields[name]) for name in names]

    table = "\t".join(f"{{{{.{name}}}}}" for name in names)
    return Listing(fields, columns, table, heads, identity, go_type=go_type)


@dataclass(frozen=True)
class Row:
    """One object, as templates see it."""

    listing: Listing
    value: Any

    @property
    def go_type(self) -> str:
        """What Go calls it."""
        return self.listing.go_type

    def template_field(self, name: str, arguments: Sequence[Any]) -> Any:
        """The text of a field; KeyError where there is none."""
        show, wanted = self.listing.fields[name], int(name in self.listing.methods)
        if len(arguments) != wanted:
            problem = f"wrong number of args for {name}: want {wanted} got {len(arguments)}"
            raise ValueError(problem)
        return show(self.value, *arguments)

    def as_json(self) -> dict[str, Any]:
        """All fields but those that take arguments: what `--format json` prints."""
        fields = {**self.listing.fields, **self.listing.json}
        methods = self.listing.methods
        names = sorted(fields.keys() - methods)
        return {name: fields[name](self.value) for name in names}


@dataclass(frozen=True)
class _Headings:
    """The row of headings, as templates see it."""

    listing: Listing

    @property
    def go_type(self) -> str:
        """What Go calls it."""
        return self.listing.go_type

    def template_field(self, name: str, arguments: Sequence[Any]) -> Any:
        if name in self.listing.methods:
            # A label's heading is its last part: com.example.my-team heads "my team".
            return re.sub(r"[-_]", " ", str(arguments[0]).rpartition(".")[2]) if arguments else ""
        if name not in self.listing.fields:
            from .gotemplate.values import MISSING

            return MISSING  # the headings are a map in Go, and a row says what is wrong
        return self.listing.headings.get(name, name.upper())


def render_listing(
    listing: Listing, objects: Sequence[Any], *, form: str = "", quiet: bool = False
) -> Table | Lines | Text:
    """Objects as `-q` (a list of str), `--format` (text, as the CLI prints it) or a DataFrame.

    Raises:
        TemplateError: a format that cannot be read, or names no field.
    """
    if quiet and form in {"", "table"}:
        identity = listing.fields[listing.identity]
        return Lines([str(identity(each)) for each in objects])
    if form:
        return format_listing(listing, objects, form)
    from . import table

    return table.make(listing.columns(), objects, live=listing.live)


def format_listing(listing: Listing, objects: Sequence[Any], form: str) -> Text:
    """What the CLI prints for `--format`: `json`, `table`, `table TEMPLATE` or a template.

    Raises:
        TemplateError: as `listed`.
    """
    from .gotemplate import ERROR_PREFIX, TemplateError

    try:
        return _formatted(listing, objects, form)
    except TemplateError as error:
        raise TemplateError(ERROR_PREFIX + error.message.removeprefix(ERROR_PREFIX)) from error


def _formatted(listing: Listing, objects: Sequence[Any], form: str) -> Text:
    from .gotemplate import Template

    rows = [Row(listing, each) for each in objects]
    if form == "json":
        form = "{{json .}}"
    if not form.startswith("table"):
        template = Template(_unescaped(form))
        return Text("".join(template.render(row) + "\n" for row in rows))
    source = _unescaped(form.removeprefix("table").strip()) or listing.table
    heading = Template(source, functions=_HEADING_FUNCTIONS).render(_Headings(listing))
    template = Template(source)
    return Text(align_columns([heading, *(template.render(row) for row in rows)]))


def _unescaped(form: str) -> str:
    return form.replace("\\t", "\t").replace("\\n", "\n")


def _same(value: Any, *_: Any) -> Any:
    return value


#: A heading stays as it is, whatever a template does to the column's values.
_HEADING_FUNCTIONS = dict.fromkeys(
    ("json", "split", "join", "title", "lower", "upper", "pad", "truncate"), _same
)


def labels(pairs: Mapping[str, str] | None) -> str:
    """Labels as the CLI prints them: `a=1,b=2`."""
    return ",".join(sorted(f"{key}={value}" for key, value in (pairs or {}).items()))
