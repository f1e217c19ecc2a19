"""The two builders of engines: BuildKit and the classic builder, and what only one of them does."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

from docker_magics.engine.client import Engine
from docker_magics.errors import UsageError

from ._build_flags import BuildFlags
from ._outputs import Output

#: The API version of Docker Engine 23, whose BuildKit knows all that is asked of it.
_CONTROL = "1.42"


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


def needs_control(
    flags: BuildFlags, outputs: Sequence[Output], engine: Engine, *, classic: bool
) -> bool:
    """Whether to build by BuildKit's control API, as /build cannot do what the flags say.

    Raises:
        UsageError: the engine has no BuildKit, or an older one, and a flag needs it.
    """
    needs = _control_flags(flags, outputs)
    # What /build does too, if with less detail, or by other means.
    better = bool(
        flags.metadata_file
        or (flags.build_context and not flags.contexts_by_id)
        or any(output.kind == "oci" for output in outputs)
    )
    if classic:
        check_classic(needs)
        return False
    for name in filter(needs.get, needs):
        engine.require(_CONTROL, name)
    return any(needs.values()) or (better and engine.supports(_CONTROL))


def _control_flags(flags: BuildFlags, outputs: Sequence[Output]) -> dict[str, bool]:
    """Return whether each flag is used in a way that only the control API knows."""
    has_files = any(not output.is_image for output in outputs)
    return {
        "--annotation": bool(flags.annotation),
        "--attest": any(flags.attestations.values()),
        "--build-context": any(context.location for context in flags.build_context),
        "--cache-from": any(not cache.image for cache in flags.cache_from),
        "--cache-to": any(cache.kind != "inline" for cache in flags.cache_to),
        "--check" if flags.check and not flags.call else "--call": flags.question is not None,
        "--no-cache-filter": bool(flags.no_cache_filter),
        "--output": any(output.attributes for output in outputs),
        "several outputs": len(outputs) > 1 and has_files,
        "several platforms": "," in flags.platform,
        "--progress rawjson": flags.progress == "rawjson",
    }
