"""--platform of commands that choose one variant of a multi-platform image."""

from __future__ import annotations

import json
from typing import Any

from docker_magics.cli.command import flag
from docker_magics.cli.flag_types.platforms import normalized
from docker_magics.engine.client import Engine
from docker_magics.errors import UsageError


def one_platform(what: str) -> Any:
    """--platform: `Show history for the given platform`."""
    form = 'Formatted as "os[/arch[/variant]]" (e.g., "linux/amd64")'
    return flag("--platform string", f"{what}. {form}")


def checked_platform(text: str) -> str:
    """A platform as pull and create send it: `linux/arm64`; "" for none.

    Raises:
        UsageError: it is no platform.
    """
    try:
        return normalized(text) if text else ""
    except ValueError as error:
        raise UsageError(f"error parsing specified platform: {error}") from error


def platform_json(engine: Engine, text: str, *, since: str = "1.48") -> str:
    """A platform as the API takes it: `{"architecture":"arm64","os":"linux"}`; "" for none.

    Raises:
        UsageError: it is no platform, or the engine knows of no such choice.

    source: moby, client/utils.go: encodePlatform; OCI image spec, platform.
    """
    if not text:
        return ""
    engine.require(since, "--platform")
    try:
        parts = normalized(text).split("/")
    except ValueError as error:
        raise UsageError(f"invalid platform: {error}") from error
    named = dict(zip(("os", "architecture", "variant"), parts, strict=False))
    return json.dumps(dict(sorted(named.items())), separators=(",", ":"))
