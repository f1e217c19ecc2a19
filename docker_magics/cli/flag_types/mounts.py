"""Volumes and mounts: -v and --mount.

source: docker/cli, opts/mount.go; cli/compose/loader/volume.go.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterable
from typing import Any

from docker_magics.wire import go

from .texts import fields

#: The path of a key's value in the API's Mount.
_Place = tuple[str, ...]

_SWITCHES: dict[str, _Place] = {
    "readonly": ("ReadOnly",),
    "ro": ("ReadOnly",),
    "volume-nocopy": ("VolumeOptions", "NoCopy"),
    "bind-create-src": ("BindOptions", "CreateMountpoint"),
}
_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}
_MAPS: dict[str, _Place] = {
    "volume-label": ("VolumeOptions", "Labels"),
    "volume-opt": ("VolumeOptions", "DriverConfig", "Options"),
}
_RECURSIVE = {
    "enabled": None,
    "disabled": "NonRecursive",
    "writable": "ReadOnlyNonRecursive",
    "readonly": "ReadOnlyForceRecursive",
}
#: Options -> the mount type that they require.
_TYPE_OF = {
    "VolumeOptions": "volume",
    "ImageOptions": "image",
    "BindOptions": "bind",
    "TmpfsOptions": "tmpfs",
}


def mount(text: str) -> dict[str, Any]:
    """Return the API's Mount of `type=bind,source=/tmp,target=/host,readonly`."""
    mount: dict[str, Any] = {"Type": "volume"}
    for field in fields(text.strip()):
        key, equals, value = field.partition("=")
        _refuse_blanks(field, key, value)
        key = key.lower()
        if key == "bind-nonrecursive":
            raise ValueError(f"{key} is deprecated, use bind-recursive=disabled instead")
        if equals:
            _set_value(mount, key, value, field)
        elif key in _SWITCHES:
            _put(mount, _SWITCHES[key], value=True)
        else:
            raise ValueError(f"invalid field '{field}' must be a key=value pair")
    _check(mount)
    return mount


def _refuse_blanks(field: str, key: str, value: str) -> None:
    if key != key.strip():
        message = f"invalid option '{key.strip()}' in '{field}'"
        raise ValueError(f"{message}: option should not have whitespace")
    if "=" in field and not value.strip():
        raise ValueError(f"invalid value for '{key}': value is empty")
    if value != value.strip():
        message = f"invalid value for '{key}' in '{field}'"
        raise ValueError(f"{message}: value should not have whitespace")


def _put(mount: dict[str, Any], place: _Place, value: Any) -> None:
    *parents, last = place
    for parent in parents:
        mount = mount.setdefault(parent, {})
    mount[last] = value


def _set_value(mount: dict[str, Any], key: str, value: str, field: str) -> None:
    if key in _SWITCHES:
        _put(mount, _SWITCHES[key], _switch(key, value))
    elif key in _VALUES:
        place, read = _VALUES[key]
        _put(mount, place, _read(read, key, value))
    elif key in _MAPS:
        name, _, content = value.partition("=")
        mount.setdefault(_MAPS[key][0], {})
        if name:
            _put(mount, (*_MAPS[key], name), content)
    elif key == "bind-recursive":
        _set_recursive(mount, key, value)
    else:
        raise ValueError(f"unknown option '{key}' in '{field}'")


def _read(read: Callable[[str], Any], key: str, value: str) -> Any:
    try:
        return read(value)
    except ValueError:
        raise ValueError(f"invalid value for {key}: {value}") from None


def _switch(key: str, value: str) -> bool:
    if value not in _BOOLEANS:
        quoted = json.dumps(value, ensure_ascii=False)
        message = f"invalid value for '{key}': invalid boolean value ({quoted})"
        wanted = 'must be one of "true", "1", "false", or "0" (default "true")'
        raise ValueError(f"{message}: {wanted}")
    return _BOOLEANS[value]


def _set_recursive(mount: dict[str, Any], key: str, value: str) -> None:
    if value not in _RECURSIVE:
        wanted = 'must be "enabled", "disabled", "writable", or "readonly"'
        raise ValueError(f"invalid value for {key}: {value} ({wanted})")
    if option := _RECURSIVE[value]:
        _put(mount, ("BindOptions", option), value=True)


def absolute(path: str) -> str:
    """Return the absolute path of a path that begins with a dot; other paths are unchanged."""
    # Not Path.resolve(), which follows links.
    return os.path.abspath(path) if path.startswith(".") else path  # noqa: PTH100


_VALUES: dict[str, tuple[_Place, Callable[[str], Any]]] = {
    "type": (("Type",), str.lower),
    "source": (("Source",), absolute),
    "src": (("Source",), absolute),
    "target": (("Target",), str),
    "dst": (("Target",), str),
    "destination": (("Target",), str),
    "consistency": (("Consistency",), str.lower),
    "bind-propagation": (("BindOptions", "Propagation"), str.lower),
    "volume-subpath": (("VolumeOptions", "Subpath"), str),
    "volume-driver": (("VolumeOptions", "DriverConfig", "Name"), str),
    "image-subpath": (("ImageOptions", "Subpath"), str),
    "tmpfs-size": (("TmpfsOptions", "SizeBytes"), go.ram_in_bytes),
    "tmpfs-mode": (("TmpfsOptions", "Mode"), go.file_mode),
}


def _check(mount: dict[str, Any]) -> None:
    if not mount["Type"]:
        raise ValueError("type is required")
    for options, kind in _TYPE_OF.items():
        if options in mount and mount["Type"] != kind:
            message = f"cannot mix '{kind}-*' options with mount type '{mount['Type']}'"
            raise ValueError(message)
    bind = mount.get("BindOptions", {})
    for option, value in (
        ("ReadOnlyNonRecursive", "writable"),
        ("ReadOnlyForceRecursive", "readonly"),
    ):
        if bind.get(option):
            _requires(value, "readonly", met=bool(mount.get("ReadOnly")))
    if bind.get("ReadOnlyForceRecursive"):
        met = bind.get("Propagation") == "rprivate"
        _requires("readonly", "bind-propagation=rprivate", met=met)


def _requires(value: str, wanted: str, *, met: bool) -> None:
    if not met:
        message = f"option 'bind-recursive={value}' requires '{wanted}'"
        raise ValueError(f"{message} to be specified in conjunction")


def volumes(specs: Iterable[str]) -> tuple[list[str], dict[str, dict[str, str]]]:
    """Return the API's Binds and Volumes of `-v` values: `[source:]target[:options]`.

    A spec without a source is an anonymous volume; a relative source becomes absolute.
    """
    binds: list[str] = []
    anonymous: dict[str, dict[str, str]] = {}
    for spec in dict.fromkeys(specs):
        if _has_source(spec):
            host, colon, rest = spec.partition(":")
            binds.append(absolute(host) + colon + rest)
        else:
            anonymous[spec] = {}
    return binds, anonymous


_DRIVE = re.compile(r"(^|:)([^\W\d_]):")


def _has_source(spec: str) -> bool:
    if not spec:
        raise ValueError("invalid empty volume spec")
    if len(spec) <= 2:
        return False
    parts = _DRIVE.sub(r"\1\2", spec).split(":")  # the colon of a drive (`C:`) is not a separator
    if "" in parts:
        raise ValueError(f"invalid spec: {spec}: empty section between colons")
    if len(parts) > 3:
        raise ValueError(f"invalid spec: {spec}: too many colons")
    return len(parts) > 1
