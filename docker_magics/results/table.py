"""Listings as DataFrames: typed columns, displayed as the docker CLI displays them."""

from __future__ import annotations

import functools
import html
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from docker_magics.errors import clean

from .text import NO_FORMULAS, align_columns

#: The years, as texts, and the Unix seconds that a 64-bit number of nanoseconds can express.
_YEARS = frozenset(map(str, range(1678, 2262)))
_SECONDS = range(-(2**63) // 10**9 + 1, 2**63 // 10**9)
#: pandas dtypes of columns; an empty table has them too.
TEXT = "str"
INTEGER = "int64"
REAL = "float64"
BOOLEAN = "bool"
TIME = "datetime64[ns, UTC]"
OBJECT = "object"


@dataclass(frozen=True)
class Formatter:
    """Formats a column as the CLI does, as long as it has its own type.

    Attributes:
        dtype: the column's own pandas dtype.
        show: row label and value -> text.
    """

    dtype: Any
    show: Callable[[Any, Any], str]

    def texts(self, column: pd.Series[Any]) -> list[str] | None:
        """Return the column's texts, or None if it has another type than its own."""
        if column.dtype != self.dtype:
            return None
        is_time = pd.api.types.is_datetime64_any_dtype(column.dtype)
        return [
            self.show(label, value) if is_time or not _is_missing(value) else _plain(value)
            for label, value in column.items()
        ]


@dataclass(frozen=True)
class Column:
    """A column of a listing.

    Attributes:
        heading: the CLI's heading.
        value: API object -> the typed value.
        dtype: the pandas dtype: TEXT, INTEGER, REAL, BOOLEAN, OBJECT, or TIME (of Unix seconds or
            RFC 3339).
        show: value -> the text that the CLI prints; None if that is `str(value)`.
        text: API object -> that text, if it cannot be derived from the value alone.
    """

    heading: str
    value: Callable[[Any], Any]
    dtype: str = TEXT
    show: Callable[[Any], str] | None = None
    text: Callable[[Any], str] | None = None

    def formatter(self, objects: Sequence[Any], dtype: Any) -> Formatter | None:
        """Return the formatter for the column of these objects; None if values need none."""
        show, text = self.show, self.text
        if text is not None:
            texts = [(self.value(obj), text(obj)) for obj in objects]
            return Formatter(dtype, functools.partial(_text_of, texts))
        return None if show is None else Formatter(dtype, lambda _label, value: show(value))


class Table(pd.DataFrame):
    """A DataFrame that displays its columns as the CLI does: "2 minutes ago", "1.98MB".

    The values stay typed. Slices and filters of a table display the same way.

    Attributes:
        shown: column heading -> formatter.
        live: the command line that shows the same listing live; derived tables have none.
    """

    _metadata = ["shown", "live"]  # noqa: RUF012 - pandas' protocol
    shown: Mapping[str, Formatter] = {}
    live: str = ""

    @property
    def _constructor(self) -> Callable[..., Table]:
        return Table

    def __finalize__(self, other: Any, method: str | None = None, **kwargs: Any) -> Table:
        """Propagate the formatters to a derived table; a hook of pandas."""
        if isinstance(other, Table):
            object.__setattr__(self, "shown", other.shown)
            return self
        made: Table = super().__finalize__(other, method, **kwargs)  # type: ignore[misc]
        return made

    def __getstate__(self) -> dict[str, Any]:
        """Pickle the data without the formatters, which are not picklable."""
        state: Any = super().__getstate__()
        return {key: value for key, value in state.items() if key != "shown"}

    def to_excel(  # type: ignore[misc] # pandas-stubs declare it final
        self, excel_writer: Any, *args: Any, **kwargs: Any
    ) -> None:
        """Write the table to a sheet; Excel has no time zones, so times become UTC without one."""
        zoned = self.select_dtypes("datetimetz").columns
        plain = pd.DataFrame(self).assign(
            **{name: self[name].dt.tz_localize(None) for name in zoned}
        )
        plain.to_excel(excel_writer, *args, **kwargs)

    def _is_listing(self) -> bool:
        """Whether the index is a plain row number; any other index carries information."""
        return self.index.nlevels == 1 and pd.api.types.is_integer_dtype(self.index.dtype)

    def _shown_rows(self) -> tuple[list[list[str]], int]:
        """Return the rows as texts, and the number of rows beyond pandas' display limit."""
        limit = pd.get_option("display.max_rows") or len(self)
        head = self.iloc[:limit] if len(self) > limit else self
        columns = [_texts(column, self.shown.get(str(heading))) for heading, column in head.items()]
        rows = [list(row) for row in zip(*columns, strict=True)]
        return rows, len(self) - len(head)

    def __repr__(self) -> str:
        """Return the table as the CLI prints it."""
        if not self._is_listing():
            return super().__repr__()
        rows, left = self._shown_rows()
        lines = ["\t".join(row) for row in ([str(heading) for heading in self.columns], *rows)]
        return align_columns(lines).rstrip("\n") + (f"\n{_more(len(self))}" if left else "")

    def _repr_html_(self) -> str:
        if not self._is_listing():
            return str(super()._repr_html_())  # type: ignore[misc]
        rows, left = self._shown_rows()
        sides = [_side(dtype) for dtype in self.dtypes]
        head = _html_row("th", map(str, self.columns), sides)
        body = "".join(_html_row("td", row, sides) for row in rows)
        more = f"<p>{_more(len(self))}</p>" if left else ""
        return (
            f'<table class="dataframe {NO_FORMULAS}" style="white-space: pre">'
            f"<thead>{head}</thead><tbody>{body}</tbody></table>{more}{_link(self.live)}"
        )


def make(columns: Sequence[Column], objects: Sequence[Any], *, live: str = "") -> Table:
    """Return a table of API objects; without any, an empty one with columns and dtypes."""
    table = Table({column.heading: _array(column, objects) for column in columns}, copy=False)
    shown = {
        column.heading: column.formatter(objects, table.dtypes[column.heading])
        for column in columns
    }
    object.__setattr__(
        table, "shown", {key: formatter for key, formatter in shown.items() if formatter}
    )
    object.__setattr__(table, "live", live)
    return table


def _array(column: Column, objects: Sequence[Any]) -> Any:
    values = [column.value(obj) for obj in objects]
    dtype: Any = column.dtype  # pandas' overloads do not accept a variable dtype name
    return parse_times(values) if dtype == TIME else pd.array(values, dtype=dtype)


def parse_times(values: Sequence[int | str | None]) -> pd.DatetimeIndex:
    """Return UTC timestamps of Unix seconds or RFC 3339 texts.

    What nanoseconds cannot express, such as docker's year 1, becomes NaT.
    """
    if all(isinstance(value, int) for value in values):
        seconds: Any = [value if value in _SECONDS else None for value in values]
        index = pd.to_datetime(seconds, unit="s", utc=True)
    else:
        texts: Any = [value if str(value)[:4] in _YEARS else None for value in values]
        index = pd.to_datetime(texts, utc=True, format="ISO8601")
    return pd.DatetimeIndex(index).as_unit("ns")


def _texts(column: pd.Series[Any], formatter: Formatter | None) -> list[str]:
    """Return a column's texts: the CLI's, or pandas' if the user has changed the column's type."""
    texts = formatter.texts(column) if formatter else None
    if texts is None and _is_numeric(column.dtype) and len(column):
        texts = [text.strip() for text in column.to_string(header=False, index=False).split("\n")]
    elif texts is None:
        texts = ["" if value is None else _plain(value) for value in column]
    return [_one_line(text) for text in texts]


def _is_numeric(dtype: Any) -> bool:
    """Whether pandas formats the values of a column together: numbers and times."""
    is_numpy = isinstance(dtype, np.dtype) and not pd.api.types.is_object_dtype(dtype)
    return is_numpy or isinstance(dtype, pd.DatetimeTZDtype)


def _plain(value: Any) -> str:
    return "NaN" if _is_missing(value) else str(value)


def _is_missing(value: Any) -> bool:
    return pd.api.types.is_scalar(value) and bool(pd.isna(value))


def _text_of(texts: Sequence[tuple[Any, str]], label: Any, value: Any) -> str:
    """Return the text that a row had when the table was made, unless its value has changed."""
    if isinstance(label, int) and label < len(texts) and texts[label][0] == value:
        return texts[label][1]
    return str(value)


def _one_line(text: str) -> str:
    return clean(text).replace("\n", "\\n").replace("\t", "\\t")


def _side(dtype: Any) -> str:
    """Align texts and times left, as the CLI does, and numbers right."""
    return "right" if pd.api.types.is_numeric_dtype(dtype) else "left"


#: `nowrap` keeps a number and its unit together.
_STYLES = {"left": "text-align: left", "right": "text-align: right; white-space: nowrap"}


def _html_row(tag: str, cells: Iterable[str], sides: Iterable[str]) -> str:
    inner = "".join(
        f'<{tag} style="{_STYLES[side]}">{html.escape(cell)}</{tag}>'
        for cell, side in zip(cells, sides, strict=True)
    )
    return f"<tr>{inner}</tr>"


def _more(total: int) -> str:
    return f"… {total:,} rows in total"


#: Commands of JupyterLab and Notebook 7: insert a cell below, fill in the line, run it.
_CELL_BELOW = ("notebook:insert-cell-below", "notebook:replace-selection", "notebook:run-cell")


def _link(line: str) -> str:
    """Return a link that runs a line in a new cell; outside Jupyter its text names the line.

    source: JupyterLab, CommandLinker and the command apputils:run-all-enabled.
    """
    if not line:
        return ""
    todo = html.escape(json.dumps({"commands": _CELL_BELOW, "args": {"text": f"%{line}"}}))
    return (
        f'<a href="#" title="Run %{line} in a cell below" style="font-size: smaller" '
        f'data-commandlinker-command="apputils:run-all-enabled" data-commandlinker-args="{todo}">'
        f"live: %{line}</a>"
    )
