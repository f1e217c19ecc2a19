"""--platform of commands that select one variant of a multi-platform image."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from typing import Any

from docker_magics.cli.command import flag
from docker_magics.cli.flag_types.platforms import normalized
from docker_magics.engine.client import Engine
from docker_magics.errors import UsageError


def platform_list(help: str) -> Any:  # noqa: A002
    """Declare --platform, a comma-separated list of platforms."""
    return flag("--platform strings", help)


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
        raise UsageError(str(error)) from error


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
    return "".join(platforms_json(engine, [text] if text else [], since=since))


def platforms_json(engine: Engine, texts: Iterable[str], *, since: str = "1.48") -> list[str]:
    """Return platforms as `platform_json` does, each once.

    Raises:
        UsageError: a text is not a platform, or the engine's API is older.
    """
    encoded = [_encoded(text) for text in texts]
    if encoded:
        engine.require(since, "--platform")
    return list(dict.fromkeys(encoded))


def _encoded(text: str) -> str:
    try:
        parts = normalized(text).split("/")
    except ValueError as error:
        raise UsageError(f"invalid platform: {error}") from error
    named = dict(zip(("os", "architecture", "variant"), parts, strict=False))
    return json.dumps(dict(sorted(named.items())), separators=(",", ":"))
