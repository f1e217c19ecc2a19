"""Flags that several commands share."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from docker_magics.cli.command import flag
from docker_magics.engine.cli_config import CliConfig
from docker_magics.results.listing import AS_TEXT

_FORMATS = """\
'json':             Print in JSON format
'TEMPLATE':         Print output using the given Go template.
Refer to https://docs.docker.com/go/formatting/ for more information about formatting output with \
templates"""


def format_of_listing() -> Any:
    """Declare --format of listings: table, json or a Go template."""
    return flag(
        "--format string",
        "Format output using a custom template:\n"
        "'table':            Print output in table format with column headers (default)\n"
        "'table TEMPLATE':   Print output in table format using the given Go template\n" + _FORMATS,
    )


def format_of_object(spec: str = "-f, --format string") -> Any:
    """Declare --format of inspect, info and version: json or a Go template."""
    return flag(spec, "Format output using a custom template:\n" + _FORMATS)


def listing_format(given: str, setting: str, *, quiet: bool) -> str:
    """Return --format, else the user's format where listings are text, as in a terminal.

    Args:
        given: --format.
        setting: the entry of the CLI's config.json, such as `psFormat`.
        quiet: -q, which the setting does not change.
    """
    if given or quiet or not AS_TEXT.get():
        return given
    return str(CliConfig().read().get(setting) or "")


def filter_of_listing(help: str = "Filter output based on conditions provided") -> Any:  # noqa: A002
    """Declare --filter, a list of (key, value)."""
    return flag("-f, --filter filter", help)


def no_trunc(help: str = "Don't truncate output") -> Any:  # noqa: A002
    """Declare --no-trunc: untruncated IDs and texts."""
    return flag("--no-trunc", help)


def quiet(help: str) -> Any:  # noqa: A002
    """Declare -q: IDs or names only."""
    return flag("-q, --quiet", help)


def disable_content_trust() -> Any:
    """Declare --disable-content-trust, which Docker 29 ignores."""
    notice = "support for docker content trust was removed"
    return flag("--disable-content-trust", "Skip image verification", deprecated=notice)


def kernel_memory() -> Any:
    """Declare --kernel-memory, which Docker 29 ignores."""
    notice = "and no longer supported by the kernel"
    return flag("--kernel-memory bytes", "Kernel memory limit", default=None, deprecated=notice)


def filters(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Group --filter pairs by key, as the API requires."""
    grouped: dict[str, list[str]] = {}
    for key, value in pairs:
        grouped.setdefault(key, []).append(value)
    return grouped
