"""Log drivers and their options (--log-driver, --log-opt).

source: moby daemon/logger/factory.go: ValidateLogOpts, daemon/logger/loginfo.go,
daemon/logger/jsonfilelog, daemon/logger/local.
"""

from __future__ import annotations

import re
from typing import Any, NoReturn
from urllib.parse import quote_plus

from ...wire import go
from ..errors import ApiError, BadParameter, as_bad_parameter
from ..records.container import Container
from ..records.host_config import LogConfig
from ..runtime.spec import LogSpec

#: The supported drivers and their options.
_ROTATED = {"max-size", "max-file", "compress"}
_DRIVERS = {
    "json-file": _ROTATED | {"labels", "labels-regex", "env", "env-regex", "tag"},
    "local": _ROTATED,
    "none": set(),
}
#: Drivers that dockerd supports too, and why no container starts with one here.
_UNREACHABLE = {
    "fluentd": "dial tcp 127.0.0.1:24224: connect: connection refused",
    "journald": "journald is not enabled on this host",
    "syslog": "Unix syslog delivery error",
}
#: A field of a tag's template; source: daemon/logger/loginfo.go.
_FIELD = re.compile(r"\{\{\s*\.(\w+)\s*\}\}")
_LOCAL_FILES, _LOCAL_SIZE = 5, 20 * 1024 * 1024


def log_config(requested: dict[str, Any]) -> LogConfig:
    """Return the LogConfig of a new container.

    Raises:
        BadParameter: no such driver, or the driver has no such option.
    """
    driver = requested.get("Type") or "json-file"
    options = dict(requested.get("Config") or {})
    if driver not in {*_DRIVERS, *_UNREACHABLE}:
        raise BadParameter(f'error looking up logging plugin {driver}: plugin "{driver}" not found')
    if driver != "none":
        _check_mode(options)
    for name in options if driver in {"json-file", "local"} else ():
        if name not in {*_DRIVERS[driver], "mode", "max-buffer-size"}:
            owner = f"{driver} log driver" if driver == "json-file" else f"log driver {driver}"
            raise BadParameter(f"unknown log opt '{name}' for {owner}")
    return {"Type": driver, "Config": options}


def _check_mode(options: dict[str, str]) -> None:
    mode = options.get("mode", "")
    if mode not in {"", "blocking", "non-blocking"}:
        raise BadParameter(f"logger: logging mode not supported: {mode}")
    if "max-buffer-size" not in options:
        return
    if mode != "non-blocking":
        raise BadParameter(
            "logger: max-buffer-size option is only supported with 'mode=non-blocking'"
        )
    try:
        go.ram_in_bytes(options["max-buffer-size"])
    except ValueError as error:
        raise BadParameter(f"error parsing option max-buffer-size: {error}") from error


def log_spec(container: Container) -> LogSpec | None:
    """Return a container's log file as the runtime takes it; None for the driver `none`.

    Raises:
        ApiError: the driver is not available, or a value is invalid.
    """
    config = container.host_config["LogConfig"]
    driver, options = config["Type"], config["Config"]
    if driver == "none":
        return None
    if driver in _UNREACHABLE:
        raise ApiError(_UNREACHABLE[driver])
    if driver == "local":
        size, files = _local(options)
    else:
        with as_bad_parameter():
            size, files = _json_file(options)
        attributes(container)
    return {"path": str(container.log_path), "max_size": size, "max_file": files}


def _json_file(options: dict[str, str]) -> tuple[int, int]:
    size = go.from_human_size(options["max-size"]) if "max-size" in options else 0
    if "max-size" in options and not size:
        raise BadParameter("max-size must be a positive number")
    files = go.atoi(options.get("max-file", "1"))
    if files < 1:
        raise BadParameter("max-file cannot be less than 1")
    if go.parse_bool(options.get("compress", "false")) and (files == 1 or not size):
        raise BadParameter(
            "compress cannot be true when max-file is less than 2 or max-size is not set"
        )
    return size, files


def _local(options: dict[str, str]) -> tuple[int, int]:
    size, files = _LOCAL_SIZE, _LOCAL_FILES
    for name in ("max-size", "max-file"):
        value = options.get(name, "")
        try:
            if name == "max-size" and value:
                size = go.from_human_size(value)
            if name == "max-file" and value:
                files = go.atoi(value)
        except ValueError as error:
            raise BadParameter(f"invalid value for {name}: {value}: {error}") from error
    try:
        compress = go.parse_bool(options.get("compress", "true"))
    except ValueError as error:
        raise BadParameter(f"error reading compress log option: {error}") from error
    if compress and files <= 1:
        raise BadParameter("compression cannot be enabled when max file count is 1")
    if files < 1:
        raise BadParameter("max file count cannot be less than 1")
    return size, files


def attributes(container: Container) -> dict[str, str]:
    """Return the attributes of each log line: labels, variables and a tag, as options select.

    Raises:
        BadParameter: an invalid regular expression or template.
    """
    options = container.host_config["LogConfig"]["Config"]
    env = dict(pair.partition("=")[::2] for pair in container.config["Env"] if "=" in pair)
    selected: dict[str, str] = {}
    for option, values in (("labels", container.labels()), ("env", env)):
        names = set((options.get(option) or "").split(","))
        pattern = _pattern(options.get(f"{option}-regex") or "")
        selected |= {
            name: value
            for name, value in values.items()
            if name in names or (pattern and pattern.search(name))
        }
    if tag := _tag(container, options.get("tag") or ""):
        selected["tag"] = tag
    return selected


def details(container: Container) -> str:
    """Return the attributes as `docker logs --details` shows them before a line."""
    pairs = sorted(attributes(container).items())
    return ",".join(f"{quote_plus(key)}={quote_plus(value)}" for key, value in pairs) + " "


def _pattern(text: str) -> re.Pattern[str] | None:
    try:
        return re.compile(text) if text else None
    except re.error as error:
        messages = {"(": "missing closing )", "[": "missing closing ]"}
        rest = text[error.pos or 0 :]
        raise BadParameter(
            f"error parsing regexp: {messages.get(rest[:1], error.msg)}: `{rest}`"
        ) from error


def _tag(container: Container, template: str) -> str:
    image = container.record["Image"]
    values = {
        "ID": container.id[:12],
        "FullID": container.id,
        "Name": container.name,
        "ImageID": image.removeprefix("sha256:")[:12],
        "ImageFullID": image,
        "ImageName": container.config["Image"],
        "DaemonName": "docker",
    }
    if template.rfind("{{") > template.rfind("}}"):
        raise BadParameter("template: log-tag:1: unclosed action")
    for field in _FIELD.finditer(template):
        if field[1] not in values:
            _raise_unknown_field(field)
    return _FIELD.sub(lambda field: values[field[1]], template)


def _raise_unknown_field(field: re.Match[str]) -> NoReturn:
    place = f'1:{field.start(1) - 1}: executing "log-tag" at <.{field[1]}>'
    reason = f"can't evaluate field {field[1]} in type *logger.Info"
    raise BadParameter(f"template: log-tag:{place}: {reason}")
