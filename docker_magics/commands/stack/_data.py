"""The secrets and configs of a stack.

source: docker/cli, cli/compose/convert/compose.go: Secrets, Configs, and
cli/command/stack/deploy_composefile.go.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from docker_magics.commands._swarm import driver
from docker_magics.engine.client import Engine, path
from docker_magics.errors import NotFound, UsageError

from ._model import StackModel


def create_data(engine: Engine, model: StackModel, kind: str) -> Iterator[str]:
    """Create or update the secrets or configs of a stack; yield a line for each new one.

    Args:
        engine: a manager of the swarm.
        model: the stack.
        kind: `secrets` or `configs`.

    Raises:
        UsageError: a file cannot be read.
    """
    for key, settings in model.part(kind).items():
        if settings.get("external"):
            continue
        spec = _spec(model, kind, key, settings)
        try:
            existing = engine.get(path(kind, spec["Name"]))
        except NotFound:
            yield f"Creating {kind.removesuffix('s')} {spec['Name']}"
            engine.post(path(kind, "create"), body=spec)
        else:
            version = {"version": existing["Version"]["Index"]}
            engine.post(path(kind, existing["ID"], "update"), version, spec)


def _spec(model: StackModel, kind: str, key: str, settings: Mapping[str, Any]) -> dict[str, Any]:
    spec: dict[str, Any] = {
        "Name": model.name_of(kind, key),
        "Labels": model.labels(settings.get("labels")),
        "Templating": driver(settings.get("template_driver", "")),
    }
    if name := settings.get("driver"):
        spec["Driver"] = {"Name": name, "Options": settings.get("driver_opts")}
    else:
        spec["Data"] = base64.b64encode(_content(key, settings)).decode()
    return spec


def _content(key: str, settings: Mapping[str, Any]) -> bytes:
    if "file" not in settings:
        variable = settings.get("environment", "")
        return str(settings.get("content") or os.environ.get(variable, "")).encode()
    try:
        return Path(settings["file"]).read_bytes()
    except OSError as error:
        reason = f"open {settings['file']}: {str(error.strerror).lower()}"
        raise UsageError(f"cannot read {key}: {reason}") from error
