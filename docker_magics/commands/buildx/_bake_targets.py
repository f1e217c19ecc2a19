"""The targets of `buildx bake`: inheritance, --set and --print.

source: docker/buildx, bake/bake.go: Merge, AddOverrides, ResolveGroup.
"""

from __future__ import annotations

import fnmatch
import json
import os
import posixpath
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from docker_magics.cli.flag_types.texts import csv_values
from docker_magics.errors import UsageError
from docker_magics.wire import go

#: The settings of a target, with the names of the bake file.
Target = dict[str, Any]

#: Settings with names and texts.
MAPPINGS = frozenset({"args", "contexts", "extra-hosts", "labels"})
#: Lists to which inheritance adds.
_GROWING = frozenset(
    {"annotations", "attest", "cache-from", "entitlements", "no-cache-filter", "secret", "ssh"}
    | {"ulimits"}
)
_REPLACED_LISTS = frozenset({"cache-to", "output", "platforms", "tags"})
#: Lists whose elements have fields.
ENTRIES = frozenset({"attest", "cache-from", "cache-to", "output", "secret", "ssh"})
#: Keys with true or false.
BOOLEANS = frozenset({"no-cache", "pull"})
#: Settings that are a text.
TEXTS = frozenset(
    {"call", "context", "description", "dockerfile", "dockerfile-inline", "network"}
    | {"shm-size", "target"}
)
#: All settings; buildx ignores others.
SETTINGS = MAPPINGS | _GROWING | _REPLACED_LISTS | BOOLEANS | TEXTS | {"inherits"}
#: The group that is built if none is named.
DEFAULT = "default"
#: A context that is the image of another target.
LINK = "target:"
#: The current folder, for bake files from elsewhere.
CWD = "cwd://"
REMOTE = ("http://", "https://", "git://", "git@", "github.com/")
#: The image of a target that is not built yet.
_UNBUILT = f"sha256:{0:064}"
#: Outputs that leave no image in the engine.
_FILES = {"local", "tar", "cacheonly"}
#: Names of --set that differ from the file's.
_SET_NAMES = {"platform": "platforms", "secrets": "secret"}
#: The order of --print.
_PRINTED = (
    *("description", "annotations", "attest", "context", "contexts", "dockerfile"),
    *("dockerfile-inline", "args", "labels", "tags", "cache-from", "cache-to", "target", "secret"),
    *("ssh", "platforms", "output", "pull", "no-cache", "network", "no-cache-filter", "shm-size"),
    *("ulimits", "call", "entitlements", "extra-hosts"),
)


def merge(base: Target, other: Mapping[str, Any]) -> Target:
    """Return a target with the settings of another one, which take precedence."""
    result = dict(base)
    for key, value in other.items():
        if value is None:
            continue
        if key in MAPPINGS:
            given = {name: text for name, text in value.items() if text is not None}
            result[key] = {**result.get(key, {}), **given}
        elif key in _GROWING:
            result[key] = [*result.get(key, []), *_listed(key, value)]
        elif key in _REPLACED_LISTS:
            result[key] = _listed(key, value)
        else:
            result[key] = value
    return result


def _listed(key: str, value: Any) -> list[Any]:
    values = value.split() if isinstance(value, str) else list(value)
    return [_entry(key, item) for item in values] if key in ENTRIES else values


def _entry(key: str, value: Any) -> dict[str, str]:
    """Return the fields of `type=registry,ref=NAME` and its shorter forms."""
    if isinstance(value, Mapping):
        fields = {name: _text(field) for name, field in value.items()}
        return _secret(fields) if key == "secret" else fields
    text = str(value)
    if key == "ssh":
        name, _, paths = text.partition("=")
        return {"id": name, **({"paths": paths} if paths else {})}
    if "=" not in text:
        if key == "output":
            return {"type": "tar" if text == "-" else "local", "dest": text}
        return {"type": "registry", "ref": text}
    try:
        fields = dict(field.partition("=")[::2] for field in csv_values(text))
    except ValueError as error:
        raise UsageError(f"invalid {key} {text}: {error}") from error
    return _secret(fields) if key == "secret" else fields


def _secret(fields: dict[str, str]) -> dict[str, str]:
    """Return the fields of a secret; its type follows from them."""
    source = fields.get("src", fields.get("source"))
    known = {"id": fields.get("id"), "src": source, "env": fields.get("env")}
    return {name: text for name, text in known.items() if text}


def _text(value: Any) -> str:
    if isinstance(value, list):
        return ",".join(map(str, value))
    return str(value).lower() if isinstance(value, bool) else str(value)


def resolved(targets: Mapping[str, Target], name: str, settings: Sequence[str]) -> Target:
    """Return a target with what it inherits, and with --set.

    A target that inherits from itself, through others too, inherits nothing there.

    Args:
        targets: all targets.
        name: the target's name.
        settings: --set.

    Raises:
        UsageError: a target does not exist, or a setting is invalid.
    """
    visited: dict[str, Target] = {}

    def visit(name: str) -> Target:
        if name in visited:
            return visited[name]
        if name not in targets:
            raise UsageError(f"failed to find target {name}")
        target: Target = {}
        visited[name] = target
        for parent in targets[name].get("inherits") or []:
            target = merge(target, visit(parent))
        target = merge({"context": ".", "dockerfile": "Dockerfile"} | target, targets[name])
        target.pop("inherits", None)
        visited[name] = _normal(_overridden(targets, name, target, settings))
        return visited[name]

    return visit(name)


def _normal(target: Target) -> Target:
    """Remove empty texts, duplicates, and contexts without a source; clean the path."""
    result: Target = {
        key: _distinct(value) if isinstance(value, list) else value for key, value in target.items()
    }
    contexts = {name: source for name, source in result.get("contexts", {}).items() if source}
    if not result["context"].startswith(("-", CWD, *REMOTE)):
        result["context"] = posixpath.normpath(result["context"])
    return result | ({"contexts": contexts} if "contexts" in result else {})


def _distinct(values: list[Any]) -> list[Any]:
    """Return texts and fields without empty ones and duplicates."""
    return list({json.dumps(value, sort_keys=True): value for value in values if value}.values())


def _overridden(
    targets: Mapping[str, Target], name: str, target: Target, settings: Sequence[str]
) -> Target:
    replaced: set[str] = set()
    for setting in settings:
        path, equals, value = setting.partition("=")
        appends, path = path.endswith("+"), path.removesuffix("+")
        pattern, _, key = path.partition(".")
        if not key:
            raise UsageError(f"invalid override key {path}, expected target.name")
        if not equals and not key.startswith("args."):
            raise UsageError(f"invalid override {setting}, expected target.name=value")
        if not (pattern in targets or fnmatch.filter(targets, pattern)):
            raise UsageError(f"could not find any target matching '{pattern}'")
        matches = pattern == name or (pattern not in targets and fnmatch.fnmatchcase(name, pattern))
        if matches:
            group, _, field = key.partition(".")
            keeps = appends or group in replaced
            replaced.add(group)
            _set(target, group, field, value if equals else None, keeps=keeps)
    return target


def _set(target: Target, group: str, field: str, value: str | None, *, keeps: bool) -> None:
    """Apply one --set; lists are replaced unless they are kept."""
    key = _SET_NAMES.get(group, group)
    if key in MAPPINGS:
        if not field:
            raise UsageError(f"invalid key {group}, {group} requires name")
        text = os.environ.get(field) if value is None else value
        target[key] = merge({key: target.get(key, {})}, {key: {field: text}})[key]
    elif key in BOOLEANS | {"load", "push"}:
        if not go.is_bool(value or ""):
            raise UsageError(f"invalid value {value} for boolean key {key}")
        _switch(target, key, is_on=go.parse_bool(value or ""))
    elif key in _GROWING | _REPLACED_LISTS:
        before = target.get(key, []) if keeps or key in {"annotations", "attest"} else []
        item = _entry(key, value) if key in ENTRIES else value
        target[key] = [*before, item]
    elif key in TEXTS:
        target[key] = value
    else:
        raise UsageError(f"unknown key: {group}")


def _switch(target: Target, key: str, *, is_on: bool) -> None:
    """Set a boolean; --load and --push add an output, unless the target has one of files."""
    if key in BOOLEANS:
        target[key] = is_on
        return
    outputs = target.get("output", [])
    if is_on:
        kinds = {output["type"] for output in outputs}
        image = {"type": "image", "push": "true"} if key == "push" else {"type": "docker"}
        outputs = [image] if not kinds - {"docker", "image", "registry"} else outputs
    else:
        outputs = [output for output in outputs if output["type"] != "registry"]
    target["output"] = outputs


def in_order(
    targets: Mapping[str, Target], names: Sequence[str], settings: Sequence[str]
) -> dict[str, Target]:
    """Return targets with what they inherit and with --set, those that others build on first.

    Raises:
        UsageError: a target does not exist, or needs itself.
    """
    ordered: dict[str, Target] = {}

    def add(name: str, users: tuple[str, ...]) -> None:
        if name in users[-1:]:
            raise UsageError(f"target {name} cannot link to itself")
        if name in users:
            raise UsageError(f"infinite loop from {users[-1]} to {name}")
        if name in ordered:
            return
        target = resolved(targets, name, settings)
        for source in target.get("contexts", {}).values():
            if source.startswith(LINK):
                add(source.removeprefix(LINK), (*users, name))
        ordered[name] = target if name in names else target | {"output": [{"type": "cacheonly"}]}

    for name in names:
        add(name, ())
    return ordered


def build_order(targets: Mapping[str, Target], chosen: Sequence[str]) -> dict[str, Target]:
    """Return what is built for targets: a target that others build on is an image for them.

    Args:
        targets: the targets, those that others build on first.
        chosen: those that are built for themselves. Only these have their outputs and tags.

    Returns:
        By name, in order. `target:NAME` is the image of a target whose own output is files.

    source: docker/buildx, bake/bake.go: loadLinks.
    """
    used = {source for target in targets.values() for source in target.get("contexts", {}).values()}
    builds: dict[str, Target] = {}
    for name, target in targets.items():
        image = {key: value for key, value in target.items() if key not in {"output", "tags"}}
        exports_files = any(output["type"] in _FILES for output in target.get("output", []))
        if name in chosen and exports_files and LINK + name in used:
            builds[LINK + name] = image
        builds[name] = target if name in chosen else image
    return builds


def linked(target: Target, built: Mapping[str, str]) -> Target:
    """Return a target whose contexts `target:NAME` are the images of these targets."""

    def image_of(link: str) -> str:
        return built.get(link) or built.get(link.removeprefix(LINK)) or _UNBUILT

    contexts = {
        name: f"docker-image://{image_of(source)}" if source.startswith(LINK) else source
        for name, source in target.get("contexts", {}).items()
    }
    return target | ({"contexts": contexts} if contexts else {})


def names_of(groups: Mapping[str, Sequence[str]], name: str) -> tuple[Iterable[str], Iterable[str]]:
    """Return the targets and groups that a name stands for: a group stands for all its members.

    In a group that contains itself, its name is the name of a target.

    source: docker/buildx, bake/bake.go: ResolveGroup.
    """
    visited: dict[str, tuple[dict[str, None], dict[str, None]]] = {}

    def visit(name: str) -> tuple[dict[str, None], dict[str, None]]:
        if name in visited:
            return visited[name]
        if name not in groups:
            return {name: None}, {}
        visited[name] = {}, {}
        targets: dict[str, None] = {}
        inner = {name: None}
        for member in groups[name]:
            its_targets, its_groups = visit(member)
            targets |= its_targets or {member: None}
            inner |= its_groups
        visited[name] = targets, inner
        return visited[name]

    return visit(name)


def with_default(
    groups: Mapping[str, Sequence[str]], chosen: Sequence[str]
) -> dict[str, Sequence[str]]:
    """Return the groups with the group `default`, which has the chosen names too."""
    others = set(chosen) - (groups.keys() & {DEFAULT})
    return {**groups, DEFAULT: sorted({*groups.get(DEFAULT, ()), *others})}


def printed(groups: Mapping[str, Sequence[str]], targets: Mapping[str, Target]) -> str:
    """Return the JSON of --print."""
    shown = {
        "group": {name: {"targets": list(groups[name])} for name in sorted(groups)},
        "target": {
            name: {
                key: _shown(key, target[key]) for key in _PRINTED if target.get(key) not in _EMPTY
            }
            for name, target in sorted(targets.items())
        },
    }
    return go.escape_html(json.dumps(shown, indent=2, ensure_ascii=False))


#: Settings whose fields have an order.
_ORDERED = frozenset({"secret", "ssh"})
#: Settings in which --print escapes `${`.
_ESCAPED = frozenset({"annotations", "args", "dockerfile-inline", "labels"})
_EMPTY: tuple[Any, ...] = (None, [], {}, "")


def _shown(key: str, value: Any) -> Any:
    """Sort mappings that are maps in Go; escape templates, as the JSON is a bake file."""
    match value:
        case list():
            return [_shown(key, item) for item in value]
        case dict() if key not in _ORDERED:
            return {name: _shown(key, item) for name, item in sorted(value.items())}
        case str() if key in _ESCAPED:
            return value.replace("${", "$${").replace("%{", "%%{")
    return value
