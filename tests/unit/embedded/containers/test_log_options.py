"""--log-opt: what values come to, and dockerd's messages for those that cannot be read."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from docker_magics.embedded.containers import log_options
from docker_magics.embedded.errors import BadParameter


def _log_file(driver: str, **options: str) -> dict[str, Any] | None:
    names = {name.replace("_", "-"): value for name, value in options.items()}
    container: Any = SimpleNamespace(
        id="c" * 64,
        name="web",
        log_path="/log",
        host_config={"LogConfig": {"Type": driver, "Config": names}},
        config={"Env": ["A=1"], "Image": "busybox"},
        record={"Image": "sha256:" + "a" * 64},
        labels=dict,
    )
    return log_options.log_spec(container)


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
def test_values_that_cannot_be_read(driver: str, options: dict[str, str], message: str) -> None:
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
