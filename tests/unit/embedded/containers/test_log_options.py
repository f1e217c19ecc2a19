"""--log-opt: parsed values, and dockerd's messages for invalid ones."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from docker_magics.embedded.containers import log_options
from docker_magics.embedded.errors import ApiError, BadParameter


def _container(driver: str, options: dict[str, str], **config: Any) -> Any:
    return SimpleNamespace(
        id="c" * 64,
        name="web",
        log_path="/log",
        host_config={"LogConfig": {"Type": driver, "Config": options}},
        config={"Env": ["A=1", "B2=x=y", "EMPTY"], "Image": "busybox", **config},
        record={"Image": "sha256:" + "a" * 64},
        labels=lambda: {"one": "1", "other": "2"},
    )


def _log_file(driver: str, **options: str) -> Any:
    names = {name.replace("_", "-"): value for name, value in options.items()}
    return log_options.log_spec(_container(driver, names))


@pytest.mark.parametrize("driver", ["json-file", "local"])
@pytest.mark.parametrize(
    ("text", "size"), [("1.5m", 1_500_000), ("0.5m", 500_000), ("10m", 10_000_000), ("1KiB", 1000)]
)
def test_sizes_are_powers_of_1000(driver: str, text: str, size: int) -> None:
    log = _log_file(driver, max_size=text)
    assert log is not None
    assert log["max_size"] == size


@pytest.mark.parametrize(
    ("driver", "options", "message"),
    [
        ("json-file", {"max_size": "x"}, "invalid size: 'x'"),
        ("json-file", {"max_size": "0"}, "max-size must be a positive number"),
        ("json-file", {"max_file": "x"}, 'strconv.Atoi: parsing "x": invalid syntax'),
        ("json-file", {"max_file": "0"}, "max-file cannot be less than 1"),
        ("json-file", {"compress": "maybe"}, 'strconv.ParseBool: parsing "maybe": invalid syntax'),
        ("local", {"max_size": "5z"}, "invalid value for max-size: 5z: invalid suffix: 'z'"),
        ("local", {"max_file": "0", "compress": "false"}, "max file count cannot be less than 1"),
    ],
)
def test_invalid_values(driver: str, options: dict[str, str], message: str) -> None:
    with pytest.raises(BadParameter) as caught:
        _log_file(driver, **options)
    assert str(caught.value) == message


def test_the_buffer_of_messages_is_a_size() -> None:
    options = {"mode": "non-blocking", "max-buffer-size": "1.5m"}
    assert log_options.log_config({"Type": "json-file", "Config": options})["Config"] == options
    options["max-buffer-size"] = "much"
    reason = "error parsing option max-buffer-size: invalid size: 'much'"
    with pytest.raises(BadParameter, match=reason):
        log_options.log_config({"Type": "json-file", "Config": options})


@pytest.mark.parametrize(
    ("driver", "options", "message"),
    [
        ("paper", {}, 'error looking up logging plugin paper: plugin "paper" not found'),
        ("json-file", {"colour": "red"}, "unknown log opt 'colour' for json-file log driver"),
        ("local", {"tag": "x"}, "unknown log opt 'tag' for log driver local"),
        ("json-file", {"mode": "fast"}, "logger: logging mode not supported: fast"),
        (
            "local",
            {"max-buffer-size": "1m"},
            "logger: max-buffer-size option is only supported with 'mode=non-blocking'",
        ),
    ],
)
def test_rejected_options(driver: str, options: dict[str, str], message: str) -> None:
    with pytest.raises(BadParameter) as caught:
        log_options.log_config({"Type": driver, "Config": options})
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        ({}, {"Type": "json-file", "Config": {}}),
        ({"Type": "", "Config": None}, {"Type": "json-file", "Config": {}}),
        (
            {"Type": "none", "Config": {"mode": "fast"}},
            {"Type": "none", "Config": {"mode": "fast"}},
        ),
        ({"Type": "syslog", "Config": {"x": "y"}}, {"Type": "syslog", "Config": {"x": "y"}}),
    ],
)
def test_accepted_options(request_: Any, expected: Any) -> None:
    assert log_options.log_config(request_) == expected


def test_log_files() -> None:
    assert _log_file("none") is None
    assert _log_file("json-file") == {"path": "/log", "max_size": 0, "max_file": 1}
    limited = {"path": "/log", "max_size": 1000, "max_file": 3}
    assert _log_file("json-file", max_size="1k", max_file="3", compress="true") == limited
    assert _log_file("local")["max_file"] == 5
    assert _log_file("local")["max_size"] == 20 * 1024 * 1024


@pytest.mark.parametrize(
    ("driver", "options", "message"),
    [
        ("fluentd", {}, "dial tcp 127.0.0.1:24224: connect: connection refused"),
        ("journald", {}, "journald is not enabled on this host"),
        (
            "json-file",
            {"compress": "true"},
            "compress cannot be true when max-file is less than 2 or max-size is not set",
        ),
        (
            "local",
            {"max_file": "1"},
            "compression cannot be enabled when max file count is 1",
        ),
        (
            "local",
            {"compress": "maybe"},
            'error reading compress log option: strconv.ParseBool: parsing "maybe": invalid syntax',
        ),
    ],
)
def test_loggers_that_cannot_be_created(driver: str, options: Any, message: str) -> None:
    with pytest.raises(ApiError) as caught:
        _log_file(driver, **options)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, {}),
        ({"labels": "one,none"}, {"one": "1"}),
        ({"labels-regex": "^o"}, {"one": "1", "other": "2"}),
        ({"env": "A,EMPTY", "env-regex": "^B"}, {"A": "1", "B2": "x=y"}),
        ({"tag": "plain"}, {"tag": "plain"}),
        ({"tag": "{{.Name}}/{{ .ID }}"}, {"tag": "web/cccccccccccc"}),
        ({"tag": "{{.ImageName}}@{{.ImageID}}"}, {"tag": "busybox@aaaaaaaaaaaa"}),
        ({"tag": "{{.DaemonName}}{{.FullID}}"}, {"tag": "docker" + "c" * 64}),
    ],
)
def test_attributes(options: dict[str, str], expected: dict[str, str]) -> None:
    assert log_options.attributes(_container("json-file", options)) == expected


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"env-regex": "("}, "error parsing regexp: missing closing ): `(`"),
        ({"labels-regex": "a[b"}, "error parsing regexp: missing closing ]: `[b`"),
        ({"tag": "{{.Name"}, "template: log-tag:1: unclosed action"),
        (
            {"tag": "a {{.Colour}}"},
            (
                'template: log-tag:1:4: executing "log-tag" at <.Colour>:'
                " can't evaluate field Colour in type *logger.Info"
            ),
        ),
    ],
)
def test_invalid_attributes(options: dict[str, str], message: str) -> None:
    with pytest.raises(BadParameter) as caught:
        log_options.log_spec(_container("json-file", options))
    assert str(caught.value) == message


def test_details_are_escaped_and_sorted() -> None:
    options = {"labels": "one", "env": "B2", "tag": "a b,c"}
    details = log_options.details(_container("json-file", options))
    assert details == "B2=x%3Dy,one=1,tag=a+b%2Cc "
