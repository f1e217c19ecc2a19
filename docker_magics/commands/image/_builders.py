"""The two builders of engines: BuildKit and the classic builder, and what only one of them does."""

from __future__ import annotations

import os
from collections.abc import Mapping

from docker_magics.engine.client import Engine
from docker_magics.errors import UsageError


def is_classic(engine: Engine, builder: str) -> bool:
    """Whether to use the classic builder: by request, or for lack of BuildKit.

    Args:
        engine: the engine.
        builder: --builder.

    Raises:
        UsageError: the builder does not exist.
    """
    if builder not in {"", "default", "classic", "buildkit"}:
        raise UsageError(f"expected builder buildkit or classic, got {builder}")
    if builder:
        return builder == "classic"
    if os.environ.get("DOCKER_BUILDKIT") in {"0", "false"}:
        return True
    return not engine.has_buildkit


def check_classic(flags: Mapping[str, object]) -> None:
    """Reject flags that need BuildKit.

    Args:
        flags: flag -> its value.

    Raises:
        UsageError: a flag is used.
    """
    for name in filter(flags.get, flags):
        message = f"cannot use {name}: the classic builder does not support it"
        raise UsageError(message, hint="Use an engine with BuildKit.")


def check_squash(engine: Engine, *, classic: bool) -> None:
    """Reject --squash where it does nothing.

    Raises:
        UsageError: BuildKit builds, or the engine's experimental features are off.
    """
    if not classic:
        hint = "Use a multi-stage build to keep the image small, or --builder classic."
        raise UsageError("cannot use --squash: BuildKit does not support it", hint=hint)
    if not engine.is_experimental:
        only = "is only supported on a Docker daemon with experimental features enabled"
        raise UsageError(f'"--squash" {only}')
