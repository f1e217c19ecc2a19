"""The definitions of `buildx bake`: docker-bake.json and Compose files.

source: docker/buildx, bake/bake.go, bake/compose.go; docs of the bake file.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from docker_magics.cli.terminal import Terminal
from docker_magics.compose.body import ComposeBody
from docker_magics.compose.call import Call, read_model
from docker_magics.compose.program import compose_environment, find
from docker_magics.engine.client import Engine
from docker_magics.errors import UsageError

from ._bake_targets import DEFAULT, Target, merge

_COMPOSE_FILES = ("compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml")
_BAKE_FILES = (
    *("docker-bake.json", "docker-bake.hcl"),
    *("docker-bake.override.json", "docker-bake.override.hcl"),
)
_VARIABLE = re.compile(r"\$(?P<escape>\$)\{|\$\{(?P<expression>[^{}]*)\}")
_NAME = re.compile(r"\s*(\w+)\s*")
_PLUGIN = "Install the buildx plugin, or write the file as docker-bake.json."
#: What only HCL's evaluation can do.
_HCL_KEYS = frozenset({"matrix", "name"})


@dataclass
class Definitions:
    """The merged definitions.

    Attributes:
        targets: name -> target, before inheritance.
        groups: name -> the names of targets and groups.
    """

    targets: dict[str, Target] = field(default_factory=dict)
    groups: dict[str, list[str]] = field(default_factory=dict)

    def add(self, targets: Mapping[str, Target], groups: Mapping[str, Sequence[str]]) -> None:
        """Merge the definitions of a further file."""
        for name, target in targets.items():
            self.targets[name] = merge(self.targets.get(name, {}), target)
        for name, members in groups.items():
            merged = [*self.groups.get(name, []), *members]
            self.groups[name] = list(dict.fromkeys(merged))


def read(
    engine: Engine, terminal: Terminal, files: Sequence[str], variables: Mapping[str, str]
) -> Definitions:
    """Read definitions.

    Args:
        engine: the engine, for Compose.
        terminal: its standard input is the file `-`.
        files: the files; by default those of the current folder.
        variables: --var.

    Raises:
        UsageError: a file cannot be read, or needs HCL.
        ComposeFailed: a Compose file is invalid.
    """
    names = files or [name for name in (*_COMPOSE_FILES, *_BAKE_FILES) if Path(name).exists()]
    if not names:
        expected = ", ".join((*_COMPOSE_FILES, *_BAKE_FILES))
        raise UsageError(f"cannot find a build definition: expected one of {expected}")
    definitions = Definitions()
    compose_files = [name for name in names if _is_compose(name)]
    if compose_files:
        for name in compose_files:
            _check_extension(_content(name, terminal), name)
        definitions.add(*_from_compose(_compose_model(engine, compose_files)))
    for name in names:
        if name not in compose_files:
            _add_file(definitions, engine, _content(name, terminal), name, variables)
    return definitions


def _check_extension(text: str, name: str) -> None:
    """Check that a Compose file has no settings that Compose itself leaves out of its model.

    Raises:
        UsageError: it has.
    """
    if re.search(r"^\s*x-bake:", text, re.MULTILINE):
        raise UsageError(f"cannot read {name}: x-bake needs the buildx plugin", hint=_PLUGIN)


def _is_compose(name: str) -> bool:
    return name.lower().endswith((".yml", ".yaml"))


def _content(name: str, terminal: Terminal) -> str:
    if name == "-":
        return terminal.stdin.read().decode()
    try:
        return Path(name).read_text(encoding="utf-8")
    except OSError as error:
        reason = str(error.strerror).lower()
        raise UsageError(f"cannot read {name}: {reason}") from error


def _add_file(
    definitions: Definitions, engine: Engine, text: str, name: str, variables: Mapping[str, str]
) -> None:
    """Add a file in JSON, or standard input in JSON or of Compose."""
    if text.lstrip().startswith("{"):
        try:
            value = json.loads(text)
        except ValueError as error:
            raise UsageError(f"cannot read {name}: invalid JSON: {error}") from error
        definitions.add(*_from_json(value, variables))
    elif name == "-" and re.search(r"^services:", text, re.MULTILINE):
        _check_extension(text, name)
        definitions.add(*_from_compose(_compose_model(engine, ["-"], ComposeBody(text))))
    else:
        raise UsageError(f"cannot read {name}: HCL needs the buildx plugin", hint=_PLUGIN)


def _from_json(
    value: Mapping[str, Any], given: Mapping[str, str]
) -> tuple[dict[str, Target], dict[str, list[str]]]:
    if "function" in value:
        raise UsageError("cannot evaluate functions: HCL needs the buildx plugin", hint=_PLUGIN)
    variables = {
        name: given.get(name, os.environ.get(name, _default(settings)))
        for name, settings in _blocks(value.get("variable"))
    }
    targets = dict(_blocks(_evaluated(value.get("target"), variables)))
    for name, target in targets.items():
        if keys := _HCL_KEYS & target.keys():
            problem = f"cannot evaluate {min(keys)} of target {name}: HCL needs the buildx plugin"
            raise UsageError(problem, hint=_PLUGIN)
    groups = _blocks(_evaluated(value.get("group"), variables))
    return targets, {name: list(group.get("targets") or []) for name, group in groups}


def _blocks(value: Any) -> list[tuple[str, dict[str, Any]]]:
    """Return the labeled blocks of HCL's JSON: objects, or lists of objects."""
    blocks = []
    for part in value if isinstance(value, list) else [value or {}]:
        for name, settings in part.items():
            merged: dict[str, Any] = {}
            for item in settings if isinstance(settings, list) else [settings]:
                merged |= item
            blocks.append((name, merged))
    return blocks


def _default(settings: Mapping[str, Any]) -> str:
    default = settings.get("default")
    if isinstance(default, bool):
        return str(default).lower()
    return "" if default is None else str(default)


def _evaluated(value: Any, variables: Mapping[str, str]) -> Any:
    """Return JSON with the variables in its texts: `${TAG}`."""
    match value:
        case dict():
            return {key: _evaluated(item, variables) for key, item in value.items()}
        case list():
            return [_evaluated(item, variables) for item in value]
        case str():
            return _VARIABLE.sub(lambda match: _variable(match, variables), value)
    return value


def _variable(match: re.Match[str], variables: Mapping[str, str]) -> str:
    if match["escape"]:
        return "${"
    name = _NAME.fullmatch(match["expression"])
    if name is None:
        problem = f"cannot evaluate {match[0]}: HCL needs the buildx plugin"
        raise UsageError(problem, hint=_PLUGIN)
    if name[1] not in variables:
        raise UsageError(f'cannot evaluate {match[0]}: there is no variable named "{name[1]}"')
    return variables[name[1]]


def _compose_model(
    engine: Engine, files: Sequence[str], body: ComposeBody | None = None
) -> dict[str, Any]:
    """Return what Compose reads, with the paths as they are written."""
    options = ["--project-name", "bake", "--project-directory", ".", "--profile", "*"]
    for file in files:
        options += ["--file", file]
    args = ["config", "--no-normalize", "--no-path-resolution", "--no-consistency"]
    environment = compose_environment(engine.address)
    call = Call(find(), options, [*args, "--format", "json"], environment, body)
    return read_model(call.output())


def _from_compose(model: Mapping[str, Any]) -> tuple[dict[str, Target], dict[str, list[str]]]:
    secrets = model.get("secrets") or {}
    targets = {
        key.replace(".", "_"): _target(service, secrets)
        for key, service in (model.get("services") or {}).items()
        if service.get("build")
    }
    return targets, {DEFAULT: list(targets)}


def _target(service: Mapping[str, Any], secrets: Mapping[str, Any]) -> Target:
    """Return the target of a service."""
    build = service["build"]
    image = service.get("image")
    target = {
        **{
            key: build.get(name)
            for key, name in (
                ("context", "context"),
                ("dockerfile", "dockerfile"),
                ("dockerfile-inline", "dockerfile_inline"),
                ("tags", "tags"),
                ("labels", "labels"),
                ("cache-from", "cache_from"),
                ("cache-to", "cache_to"),
                ("network", "network"),
                ("platforms", "platforms"),
                ("target", "target"),
                ("no-cache", "no_cache"),
                ("pull", "pull"),
                ("shm-size", "shm_size"),
            )
        },
        "tags": build.get("tags") or ([image] if image else None),
        "args": {key: text for key, text in (build.get("args") or {}).items() if text is not None},
        "contexts": _contexts(build.get("additional_contexts") or {}),
        "ssh": [str(entry).removesuffix("=") for entry in build.get("ssh") or []],
        "secret": [
            _secret(entry["source"], secrets.get(entry["source"]) or {})
            for entry in build.get("secrets") or []
        ],
        "extra-hosts": dict(host.partition("=")[::2] for host in build.get("extra_hosts") or []),
        "ulimits": [
            f"{name}={_limit(limit)}" for name, limit in (build.get("ulimits") or {}).items()
        ],
    }
    given = {key: value for key, value in target.items() if value not in (None, [], {}, "")}
    return merge({}, given)


def _contexts(given: Mapping[str, str]) -> dict[str, str]:
    return {
        name: re.sub(r"^service:(.*)", lambda match: f"target:{match[1].replace('.', '_')}", source)
        for name, source in given.items()
    }


def _secret(name: str, settings: Mapping[str, Any]) -> dict[str, str]:
    if settings.get("external"):
        raise UsageError(f"unsupported external secret {name}")
    sources = {"src": settings.get("file"), "env": settings.get("environment")}
    return {"id": name} | {key: value for key, value in sources.items() if value}


def _limit(limit: Any) -> str:
    return f"{limit['soft']}:{limit['hard']}" if isinstance(limit, dict) else f"{limit}:{limit}"
