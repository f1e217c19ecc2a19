"""The session's labels on everything that a Compose file makes (`docker session start`)."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from .body import ComposeBody
from .call import Call

#: The verbs that create containers, networks, volumes or images.
CREATING = frozenset({"build", "create", "run", "scale", "up", "watch"})
_ALL_PROFILES = ("--profile", "*")


#: Kind of an object (`container`, `image`, `network`, `volume`) -> its labels.
Labels = Callable[[str], Mapping[str, str]]
_KINDS = {"services": "container", "networks": "network", "volumes": "volume"}


def with_labels(call: Call, labels: Labels) -> Call:
    """Return a call whose services, images, networks and volumes have the labels.

    Compose reads the files itself; its normalized model, with the labels, replaces them.

    Raises:
        ComposeFailed: the file is invalid.
    """
    if not labels("container") or call.args[0] not in CREATING:
        return call
    config = call.with_options(*_ALL_PROFILES).with_args("config", "--format", "json")
    model = labelled(json.loads(config.output()), labels)
    # the model has absolute paths and the project's name; `-f -` is the last and only file
    options = [*_without_files(call.options), "--file", "-"]
    return replace(call, options=options, body=ComposeBody(json.dumps(model)))


def labelled(model: Mapping[str, Any], labels: Labels) -> dict[str, Any]:
    """Return a model with labels on all that it makes; what is external stays as it is."""
    result = dict(model)
    for part, kind in _KINDS.items():
        result[part] = {
            name: _member(settings or {}, kind, labels)
            for name, settings in model.get(part, {}).items()
        }
    return result


def _member(settings: Mapping[str, Any], kind: str, labels: Labels) -> dict[str, Any]:
    if settings.get("external"):
        return dict(settings)
    result = {**settings, "labels": {**settings.get("labels", {}), **labels(kind)}}
    if build := settings.get("build"):
        result["build"] = {**build, "labels": {**build.get("labels", {}), **labels("image")}}
    return result


def _without_files(options: Any) -> list[str]:
    remaining = iter(options)
    return [option for option in remaining if option != "--file" or next(remaining) is None]
