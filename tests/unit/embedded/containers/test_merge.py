"""The config of a new container: the request's and the image's."""

from __future__ import annotations

from typing import Any

import pytest

from docker_magics.embedded.containers.merge import container_config
from docker_magics.embedded.errors import ApiError, BadParameter
from docker_magics.embedded.records import defaults

IMAGE: dict[str, Any] = {
    "User": "app",
    "ExposedPorts": {"80/tcp": {}},
    "Env": ["PATH=/bin", "A=image"],
    "Cmd": ["serve"],
    "Entrypoint": ["/entry"],
    "Volumes": {"/data": {}},
    "WorkingDir": "/app",
    "Labels": {"a": "image", "b": "image"},
    "StopSignal": "SIGINT",
    "Healthcheck": {"Test": ["CMD", "check"], "Interval": 5_000_000},
    "OnBuild": ["RUN x"],
}


def test_the_image_provides_missing_values() -> None:
    config: Any = container_config({"Env": ["A=request"], "Labels": {"a": "request"}}, IMAGE)
    assert config["User"] == "app"
    assert config["Env"] == ["A=request", "PATH=/bin"]
    assert config["Labels"] == {"a": "request", "b": "image"}
    assert (config["Entrypoint"], config["Cmd"]) == (["/entry"], ["serve"])
    assert (config["WorkingDir"], config["StopSignal"]) == ("/app", "SIGINT")
    assert config["ExposedPorts"] == {"80/tcp": {}}
    assert config["Volumes"] == {"/data": {}}
    assert config["Healthcheck"] == IMAGE["Healthcheck"]
    assert config["OnBuild"] is None


def test_the_request_takes_precedence() -> None:
    request = {
        "User": "0",
        "WorkingDir": "/a/../b//c/",
        "StopSignal": "KILL",
        "Cmd": ["one string"],
        "Volumes": {"/more": {}},
        "Healthcheck": {"Test": ["NONE"], "Interval": 0},
    }
    config: Any = container_config(request, IMAGE)
    assert (config["User"], config["WorkingDir"], config["StopSignal"]) == ("0", "/b/c", "KILL")
    assert config["Cmd"] == ["one string"]
    assert config["Volumes"] == {"/data": {}, "/more": {}}
    assert config["Healthcheck"] == {"Test": ["NONE"], "Interval": 5_000_000}


@pytest.mark.parametrize(
    ("request_", "entrypoint", "command"),
    [
        ({}, ["/entry"], ["serve"]),
        ({"Cmd": ["x"]}, ["/entry"], ["x"]),
        ({"Entrypoint": ["/mine"]}, ["/mine"], None),  # the image's Cmd belongs to its Entrypoint
        ({"Entrypoint": ["/mine"], "Cmd": ["x"]}, ["/mine"], ["x"]),
        ({"Entrypoint": [""], "Cmd": ["x"]}, None, ["x"]),
        ({"Entrypoint": []}, [], ["serve"]),
    ],
)
def test_entrypoint_and_command(
    request_: dict[str, Any], entrypoint: list[str] | None, command: list[str] | None
) -> None:
    config = container_config(request_, IMAGE)
    assert (config["Entrypoint"], config["Cmd"]) == (entrypoint, command)


def test_without_an_image() -> None:
    config: Any = container_config({"Cmd": ["x"], "Nonsense": 1, "Env": None}, None)
    assert config == {**defaults.CONFIG, "Cmd": ["x"], "Env": [], "Labels": {}}
    assert list(config) == [key for key in defaults.CONFIG_ORDER if key in config]


def test_the_image_is_not_changed() -> None:
    config: Any = container_config({}, IMAGE)
    config["Healthcheck"]["Interval"] = 7
    config["Labels"]["c"] = "new"
    config["Env"].append("B=")
    assert IMAGE["Healthcheck"]["Interval"] == 5_000_000
    assert "c" not in IMAGE["Labels"]
    assert len(IMAGE["Env"]) == 2


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        ({}, "no command specified"),
        ({"Entrypoint": [""]}, "no command specified"),
        (
            {"Cmd": ["x"], "WorkingDir": "here"},
            "the working directory 'here' is invalid, it needs to be an absolute path",
        ),
        ({"Cmd": ["x"], "Env": ["=x"]}, "invalid environment variable: =x"),
        ({"Cmd": ["x"], "Env": [""]}, "invalid environment variable: "),
        ({"Cmd": ["x"], "StopSignal": "SIGNOTHING"}, "invalid signal: SIGNOTHING"),
        (
            {"Cmd": ["x"], "Healthcheck": {"Interval": 999_999}},
            "Interval in Healthcheck cannot be less than 1ms",
        ),
        (
            {"Cmd": ["x"], "Healthcheck": {"Timeout": -1}},
            "Timeout in Healthcheck cannot be less than 1ms",
        ),
        (
            {"Cmd": ["x"], "Healthcheck": {"StartPeriod": 1}},
            "StartPeriod in Healthcheck cannot be less than 1ms",
        ),
        (
            {"Cmd": ["x"], "Healthcheck": {"Retries": -1}},
            "Retries in Healthcheck cannot be negative",
        ),
    ],
)
def test_refusals(request_: dict[str, Any], message: str) -> None:
    with pytest.raises(ApiError) as caught:
        container_config(request_, None)
    assert str(caught.value) == message
    assert isinstance(caught.value, BadParameter)
