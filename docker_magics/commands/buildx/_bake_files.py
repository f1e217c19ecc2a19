"""The definitions of `buildx bake`: docker-bake.hcl, docker-bake.json and Compose files.

source: docker/buildx, bake/bake.go, bake/compose.go; docs of the bake file.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from docker_magics.cli.terminal import Terminal
from docker_magics.compose.body import ComposeBody
from docker_magics.compose.call import Call, read_model
from docker_magics.compose.program import compose_environment, find
from docker_magics.engine.client import Engine
from docker_magics.errors import UsageError
from docker_magics.hcl.parser import Block, parse

from ._bake_evaluate import evaluate, from_json
from ._bake_targets import DEFAULT, Target, merge

_COMPOSE_FILES = ("compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml")
_BAKE_FILES = (
    *("docker-bake.json", "docker-bake.hcl"),
    *("docker-bake.override.json", "docker-bake.override.hcl"),
)
_PLUGIN = "Install the buildx plugin, or write its settings into a docker-bake.hcl."


@dataclass
class Definitions:
    """The merged definitions.

    Attributes:
        targets: name -> target, before inheritance.
        groups: name -> the names of targets and groups.
        descriptions: of the groups.
    """

    targets: dict[str, Target] = field(default_factory=dict)
    groups: dict[str, list[str]] = field(default_factory=dict)
    descriptions: dict[str, str] = field(default_factory=dict)

    def add(
        self, targets: Iterable[tuple[str, Target]], groups: Mapping[str, Sequence[str]]
    ) -> None:
        """Add further definitions: targets are merged, groups replaced."""
        for name, target in targets:
            self.targets[name] = merge(self.targets.get(name, {}), target)
        for name, members in groups.items():
            self.groups[name] = list(dict.fromkeys(members))


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
        UsageError: a file cannot be read, is invalid, or uses what is not supported.
        ComposeFailed: a Compose file is invalid.
    """
    names = files or [name for name in (*_COMPOSE_FILES, *_BAKE_FILES) if Path(name).exists()]
    if not names:
        expected = ", ".join((*_COMPOSE_FILES, *_BAKE_FILES))
        raise UsageError(f"cannot find a build definition: expected one of {expected}")
    try:
        return _definitions(engine, terminal, names, variables)
    except RecursionError as error:
        raise UsageError("cannot read the build definition: it is nested too deeply") from error


def _definitions(
    engine: Engine, terminal: Terminal, names: Sequence[str], variables: Mapping[str, str]
) -> Definitions:
    definitions = Definitions()
    bodies: list[Block] = []
    compose_files = [name for name in names if _is_compose(name)]
    if compose_files:
        for name in compose_files:
            _check_extension(_content(name, terminal), name)
        definitions.add(*_from_compose(_compose_model(engine, compose_files)))
    for name in names:
        if name in compose_files:
            continue
        text = _content(name, terminal)
        if name == "-" and re.search(r"^services:", text, re.MULTILINE):
            _check_extension(text, name)
            definitions.add(*_from_compose(_compose_model(engine, ["-"], ComposeBody(text))))
        else:
            bodies.append(_parsed(text, name))
    targets, groups, definitions.descriptions = evaluate(bodies, variables)
    definitions.add(targets, groups)
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
        return terminal.stdin.read().decode(errors="replace")
    try:
        return Path(name).read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        reason = str(error.strerror).lower()
        raise UsageError(f"cannot read {name}: {reason}") from error


def _parsed(text: str, name: str) -> Block:
    """Return the content of a file in HCL or its JSON."""
    if not text.lstrip().startswith("{"):
        return parse(text, name)
    try:
        return from_json(json.loads(text), name)
    except ValueError as error:
        raise UsageError(f"cannot read {name}: invalid JSON: {error}") from error


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


def _from_compose(
    model: Mapping[str, Any],
) -> tuple[Iterable[tuple[str, Target]], dict[str, list[str]]]:
    secrets = model.get("secrets") or {}
    targets = {
        key.replace(".", "_"): _target(service, secrets)
        for key, service in (model.get("services") or {}).items()
        if service.get("build")
    }
    return targets.items(), {DEFAULT: list(targets)}


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
