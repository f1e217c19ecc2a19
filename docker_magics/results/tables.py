"""A group of related tables."""

from __future__ import annotations

import html

from .table import Table


class Tables(dict[str, Table]):
    """Tables keyed by title, shown one below the other."""

    def __repr__(self) -> str:
        return "\n\n".join(f"{title}\n{table!r}" for title, table in self.items())

    def _repr_html_(self) -> str:
        return "".join(
            f"<h4>{html.escape(title)}</h4>{table._repr_html_()}" for title, table in self.items()
        )
