"""--platform of commands that select one variant of a multi-platform image."""

from __future__ import annotations

import json
import os
from typing import Any

from docker_magics.cli.command import flag
from docker_magics.cli.flag_types.platforms import normalized
from docker_magics.engine.client import Engine
from docker_magics.errors import UsageError


def one_platform(purpose: str) -> Any:
    """Declare --platform, with a help text such as `Show history for the given platform`."""
    form = 'Formatted as "os[/arch[/variant]]" (e.g., "linux/amd64")'
    return flag("--platform string", f"{purpose}. {form}")


def chosen_platform(text: str) -> str:
    """Return the platform to create, pull or build: --platform, else DOCKER_DEFAULT_PLATFORM."""
    return text or os.environ.get("DOCKER_DEFAULT_PLATFORM", "")


def checked_platform(text: str) -> str:
    """Return the normalized platform that pull and create send: `linux/arm64`; "" for none.

    Raises:
        UsageError: the text is not a platform.
    """
    try:
        return normalized(text) if text else ""
    except ValueError as error:
        raise UsageError(f"error parsing specified platform: {error}") from error


def platform_json(engine: Engine, text: str, *, since: str = "1.48") -> str:
    """Return a platform as the API's JSON: `{"architecture":"arm64","os":"linux"}`; "" for none.

    Args:
        engine: the engine.
        text: --platform.
        since: the first API version with the parameter.

    Raises:
        UsageError: the text is not a platform, or the engine's API is older.

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
