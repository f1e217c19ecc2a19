"""--log-driver and --log-opt: which there are, and what they come to.

source: moby daemon/logger/factory.go: ValidateLogOpts, daemon/logger/loginfo.go,
daemon/logger/jsonfilelog, daemon/logger/local.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import quote_plus

from ...wire import go
from ..errors import ApiError, BadParameter, as_bad_parameter
from ..runtime.spec import LogSpec

if TYPE_CHECKING:
    from ..records.container import Container

#: The drivers that are here, and their options.
_ROTATED = {"max-size", "max-file", "compress"}
_DRIVERS = {
    "json-file": _ROTATED | {"labels", "labels-regex", "env", "env-regex", "tag"},
    "local": _ROTATED,
    "none": set(),
}
#: Those that dockerd has beside them, and why no container starts with one here.
_UNREACHABLE = {
    "fluentd": "dial tcp 127.0.0.1:24224: connect: connection refused",
    "journald": "journald is not enabled on this host",
    "syslog": "Unix syslog delivery error",
}
#: What a tag may name; source: daemon/logger/loginfo.go.
_FIELD = re.compile(r"\{\{\s*\.(\w+)\s*\}\}")
_LOCAL_FILES, _LOCAL_SIZE = 5, 20 * 1024 * 1024


def checked(given: dict[str, Any]) -> dict[str, Any]:
    """The API's LogConfig of a new container.

    Raises:
        BadParameter: there is no such driver, or it has no such option.
    """
    driver = given.get("Type") or "json-file"
    options = dict(given.get("Config") or {})
    if driver not in {*_DRIVERS, *_UNREACHABLE}:
        raise BadParameter(f'error looking up logging plugin {driver}: plugin "{driver}" not found')
    if driver != "none":
        _check_mode(options)
    for name in options if driver in {"json-file", "local"} else ():
        if name not in {*_DRIVERS[driver], "mode", "max-buffer-size"}:
            whose = f"{driver} log driver" if driver == "json-file" else f"log driver {driver}"
            raise BadParameter(f"unknown log opt '{name}' for {whose}")
    return {"Type": driver, "Config": options}


def _check_mode(options: dict[str, str]) -> None:
    mode = options.get("mode", "")
    if mode not in {"", "blocking", "non-blocking"}:
        raise BadParameter(f"logger: logging mode not supported: {mode}")
    if "max-buffer-size" not in options:
        return
    if mode != "non-blocking":
        words = "max-buffer-size option is only supported with 'mode=non-blocking'"
        raise BadParameter(f"logger: {words}")
    try:
        go.ram_in_bytes(options["max-buffer-size"])
    except ValueError as error:
        raise BadParameter(f"error parsing option max-buffer-size: {error}") from error


def of(container: Container) -> LogSpec | None:
    """A container's log file as the runtime takes it; None where nothing is kept.

    Raises:
        ApiError: the driver, or a value, makes no logger.
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
        words = "when max-file is less than 2 or max-size is not set"
        raise BadParameter(f"compress cannot be true {words}")
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
    """What the options have written beside each line: labels, variables, a tag.

    Raises:
        BadParameter: an expression or a template that makes no sense.
    """
    options = container.host_config["LogConfig"]["Config"]
    env = dict(pair.partition("=")[::2] for pair in container.config["Env"] if "=" in pair)
    found: dict[str, str] = {}
    for option, values in (("labels", container.labels()), ("env", env)):
        named = set((options.get(option) or "").split(","))
        pattern = _pattern(options.get(f"{option}-regex") or "")
        found |= {
            name: value
            for name, value in values.items()
            if name in named or (pattern and pattern.search(name))
        }
    if tag := _tag(container, options.get("tag") or ""):
        found["tag"] = tag
    return found


def details(container: Container) -> str:
    """The attributes as `docker logs --details` has them in front of a line."""
    pairs = sorted(attributes(container).items())
    return ",".join(f"{quote_plus(key)}={quote_plus(value)}" for key, value in pairs) + " "


def _pattern(text: str) -> re.Pattern[str] | None:
    try:
        return re.compile(text) if text else None
    except re.error as error:
        words = {"(": "missing closing )", "[": "missing closing ]"}
        where = text[error.pos or 0 :]
        raise BadParameter(
            f"error parsing regexp: {words.get(where[:1], error.msg)}: `{where}`"
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
            _refuse(field)
    return _FIELD.sub(lambda field: values[field[1]], template)


def _refuse(field: re.Match[str]) -> NoReturn:
    place = f'1:{field.start(1) - 1}: executing "log-tag" at <.{field[1]}>'
    words = f"can't evaluate field {field[1]} in type *logger.Info"
    raise BadParameter(f"template: log-tag:{place}: {words}")
