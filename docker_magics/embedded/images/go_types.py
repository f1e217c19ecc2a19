"""Checks a decoded JSON document against Go's types, as dockerd's decoder does.

source: Go encoding/json; moby image/image.go, api/types/container/config.go,
profiles/seccomp/seccomp.go.
"""

from __future__ import annotations

import re
from typing import Any

from .. import clock
from ..errors import BadParameter

#: Go struct -> its fields and their types. Fields that are not listed may have any type.
_STRUCTS: dict[str, dict[str, str]] = {
    "image.Image": {
        "architecture": "string",
        "author": "string",
        "comment": "string",
        "config": "container.Config",
        "container": "string",
        "container_config": "container.Config",
        "created": "time.Time",
        "docker_version": "string",
        "history": "[]image.History",
        "os": "string",
        "os.features": "[]string",
        "os.version": "string",
        "rootfs": "image.RootFS",
        "variant": "string",
    },
    "image.History": {
        "author": "string",
        "comment": "string",
        "created": "time.Time",
        "created_by": "string",
        "empty_layer": "bool",
    },
    "image.RootFS": {"diff_ids": "[]layer.DiffID", "type": "string"},
    "container.Config": {
        "ArgsEscaped": "bool",
        "AttachStderr": "bool",
        "AttachStdin": "bool",
        "AttachStdout": "bool",
        "Cmd": "strslice.StrSlice",
        "Domainname": "string",
        "Entrypoint": "strslice.StrSlice",
        "Env": "[]string",
        "ExposedPorts": "nat.PortSet",
        "Healthcheck": "container.HealthConfig",
        "Hostname": "string",
        "Image": "string",
        "Labels": "map[string]string",
        "MacAddress": "string",
        "NetworkDisabled": "bool",
        "OnBuild": "[]string",
        "OpenStdin": "bool",
        "Shell": "strslice.StrSlice",
        "StdinOnce": "bool",
        "StopSignal": "string",
        "StopTimeout": "int",
        "Tty": "bool",
        "User": "string",
        "Volumes": "map[string]struct {}",
        "WorkingDir": "string",
    },
    "container.HealthConfig": {
        "Interval": "time.Duration",
        "Retries": "int",
        "StartInterval": "time.Duration",
        "StartPeriod": "time.Duration",
        "Test": "[]string",
        "Timeout": "time.Duration",
    },
    "seccomp.Seccomp": {
        "architectures": "[]specs.Arch",
        "archMap": "[]seccomp.Architecture",
        "defaultAction": "specs.LinuxSeccompAction",
        "defaultErrnoRet": "uint",
        "flags": "[]specs.LinuxSeccompFlag",
        "syscalls": "[]*seccomp.Syscall",
    },
    "seccomp.Architecture": {
        "architecture": "specs.Arch",
        "subArchitectures": "[]specs.Arch",
    },
    "*seccomp.Syscall": {
        "action": "specs.LinuxSeccompAction",
        "args": "[]specs.LinuxSeccompArg",
        "comment": "string",
        "errnoRet": "uint",
        "excludes": "seccomp.Filter",
        "includes": "seccomp.Filter",
        "name": "string",
        "names": "[]string",
    },
    "specs.LinuxSeccompArg": {
        "index": "uint",
        "op": "specs.LinuxSeccompOperator",
        "value": "uint64",
        "valueTwo": "uint64",
    },
    "seccomp.Filter": {"arches": "[]string", "caps": "[]string", "minKernel": "string"},
    "struct {}": {},
}
_MAPS = {"map[string]string": "string", "map[string]struct {}": "struct {}"}
_MAPS["nat.PortSet"] = "struct {}"
_TEXTS = {
    *("string", "layer.DiffID", "specs.Arch", "specs.LinuxSeccompAction"),
    *("specs.LinuxSeccompFlag", "specs.LinuxSeccompOperator"),
}
_INTEGERS = {
    **dict.fromkeys(("int", "time.Duration"), range(-(1 << 63), 1 << 63)),
    **dict.fromkeys(("uint", "uint64"), range(1 << 64)),
}
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")


def decoded(value: Any, go_type: str, field: str = "") -> Any:
    """Return a JSON value as Go's decoder has it in a variable of a type.

    A null stays None, but in a list or map it is the element type's zero value. A command that is
    a string is a list of it.

    Args:
        value: of `json.loads`.
        go_type: as Go prints it: `image.Image`, `[]string`, ...
        field: the struct and the path of the field in it: `Config.config.Labels`; empty for the
            whole document.

    Raises:
        BadParameter: it has another type; the message is that of Go's decoder.
    """
    if value is None:
        return None
    if go_type in _STRUCTS:
        return _struct(value, go_type, field)
    if go_type in _MAPS:
        _expect(dict, value, go_type, field)
        return {key: _element(item, _MAPS[go_type], field) for key, item in value.items()}
    if go_type == "strslice.StrSlice":
        items = [value] if isinstance(value, str) else value
        return decoded(items, "[]string", field)
    if go_type.startswith("[]"):
        _expect(list, value, go_type, field)
        return [_element(item, go_type[2:], field) for item in value]
    _check_scalar(value, go_type, field)
    return value


def _struct(value: Any, go_type: str, field: str) -> dict[str, Any]:
    _expect(dict, value, go_type, field)
    _, _, path = field.partition(".")
    prefix = f"{go_type.rpartition('.')[2]}.{path}{'.' if path else ''}"
    types = _STRUCTS[go_type]
    return {
        name: decoded(item, types[name], prefix + name) if name in types else item
        for name, item in value.items()
    }


def _element(value: Any, go_type: str, field: str) -> Any:
    if value is None:
        return "" if go_type in _TEXTS else {}
    return decoded(value, go_type, field)


def _check_scalar(value: Any, go_type: str, field: str) -> None:
    if go_type == "time.Time":
        _check_time(value)
    elif go_type in _INTEGERS:
        if type(value) is not int or value not in _INTEGERS[go_type]:
            raise _mismatch(value, go_type, field)
    else:
        _expect(bool if go_type == "bool" else str, value, go_type, field)


def _check_time(value: Any) -> None:
    if not isinstance(value, str):
        raise BadParameter("Time.UnmarshalJSON: input is not a JSON string")
    if not _TIME.fullmatch(value):
        layout = "2006-01-02T15:04:05Z07:00"
        raise BadParameter(
            f'parsing time "{value}" as "{layout}": cannot parse "{value}" as "2006"'
        )
    clock.parse(value)


def _expect(python_type: type, value: Any, go_type: str, field: str) -> None:
    if not isinstance(value, python_type):
        raise _mismatch(value, go_type, field)


def _mismatch(value: Any, go_type: str, field: str) -> BadParameter:
    names = {bool: "bool", str: "string", list: "array", dict: "object"}
    name = names.get(type(value), "number")
    if name == "number" and go_type in _INTEGERS:
        name = f"number {value}"
    where = f"Go struct field {field}" if field else "Go value"
    return BadParameter(f"json: cannot unmarshal {name} into {where} of type {go_type}")
