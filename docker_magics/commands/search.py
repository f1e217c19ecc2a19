"""docker search: find images on Docker Hub."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from docker_magics.cli.command import Command, flag, operand
from docker_magics.commands import _flags
from docker_magics.engine import auth
from docker_magics.engine.client import Engine
from docker_magics.results import human
from docker_magics.results.listing import Field, Listing, render_listing

if TYPE_CHECKING:
    from docker_magics.results.table import Column


class Search(Command):
    """Search Docker Hub for images"""

    usage = "[OPTIONS] TERM"

    filter: list[tuple[str, str]] = _flags.filter_of_listing()
    format: str = flag("--format string", "Pretty-print search using a Go template")
    limit: int = flag("--limit int", "Max number of search results")
    no_trunc: bool = _flags.no_trunc()
    term: str = operand()

    def run(self, engine: Engine) -> Any:
        """Return the matching images, those with most stars first.

        Returns:
            A Table with the columns NAME, DESCRIPTION (str), STARS (int64), OFFICIAL (str: [OK]).

        source: Engine API, ImageSearch.
        """
        query = {
            "term": self.term,
            "limit": self.limit if self.limit > 0 else None,
            "filters": _flags.filters(self.filter),
        }
        headers = auth.header_for("docker.io")
        images = engine.request("GET", "/images/search", query=query, headers=headers).json()
        by_stars = sorted(images, key=lambda image: image["star_count"], reverse=True)
        return render_listing(search(trunc=not self.no_trunc), by_stars, form=self.format)


def search(*, trunc: bool) -> Listing:
    """Return the listing of search results.

    source: docker/cli, cli/command/registry/formatter_search.go.
    """

    def description(image: Any) -> str:
        text = image["description"].replace("\n", " ").replace("\r", " ")
        return human.ellipsis(text, 45) if trunc else text

    def official(image: Any) -> str:
        return "[OK]" if image["is_official"] else ""

    fields: dict[str, Field] = {
        "Name": lambda image: image["name"],
        "Description": description,
        "StarCount": lambda image: str(image["star_count"]),
        "IsOfficial": official,
    }
    return Listing(
        fields=fields,
        columns=functools.partial(_columns, fields),
        table="{{.Name}}\t{{.Description}}\t{{.StarCount}}\t{{.IsOfficial}}",
        headings={"StarCount": "STARS", "IsOfficial": "OFFICIAL"},
        identity="Name",
        json={"IsOfficial": lambda image: str(image["is_official"]).lower()},
        go_type="*search.searchContext",
    )


def _columns(fields: dict[str, Field]) -> Sequence[Column]:
    from docker_magics.results.table import INTEGER, Column

    return [
        Column("NAME", fields["Name"]),
        Column("DESCRIPTION", fields["Description"]),
        Column("STARS", lambda image: image["star_count"], INTEGER),
        Column("OFFICIAL", fields["IsOfficial"]),
    ]
