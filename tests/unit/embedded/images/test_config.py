"""Image configurations and platforms."""

from __future__ import annotations

import json
from typing import Any

import pytest

from docker_magics.embedded import clock
from docker_magics.embedded.errors import BadParameter
from docker_magics.embedded.images import platforms
from docker_magics.embedded.images.config import dump_config, parse_config, parse_stored_config
from docker_magics.embedded.images.image import Image
from docker_magics.embedded.images.platforms import Platform, host_platform, parse_platform

DIFF = "sha256:" + "a" * 64
ROOTFS = {"type": "layers", "diff_ids": [DIFF]}

ZERO_NS = clock.parse_client_time(clock.ZERO)


def parsed(**fields: Any) -> Any:
    return parse_config(json.dumps({"rootfs": ROOTFS, **fields}).encode())


def test_a_configuration_is_parsed_and_dumped_as_it_was() -> None:
    config = parsed(config={"Env": ["ä=1"]}, history=[{"created_by": "x"}, {"empty_layer": True}])
    assert json.loads(dump_config(config)) == config
    assert dump_config(config).decode().startswith('{"rootfs":{"type":"layers","diff_ids":["sha')
    assert "ä".encode() in dump_config(config)


def test_an_image_without_layers_has_none() -> None:
    assert parsed(rootfs={"type": "layers"})["rootfs"]["diff_ids"] == []
    assert (
        parsed(rootfs={"type": "layers", "diff_ids": None}, history=None)["rootfs"]["diff_ids"]
        == []
    )


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "invalid image configuration"),
        (b"[]", "^json: cannot unmarshal array into Go value of type image.Image$"),
        (b"null", "invalid image configuration"),
        (b"{}", "invalid image configuration: 'rootfs'"),
        (b'{"rootfs": []}', "array into Go struct field Image.rootfs of type image.RootFS"),
        (b'{"rootfs": {"type": "windows"}}', "unsupported rootfs type: windows"),
        (b'{"rootfs": {"type": "layers", "diff_ids": ["../x"]}}', "invalid digest"),
        (b'{"rootfs": {"type": "layers", "diff_ids": [7]}}', "number into Go struct field RootFS."),
        (b'{"rootfs": {"type": "layers"}, "history": [{}]}', "more history than layers"),
        (b'{"rootfs": {"type": "layers"}, "history": ["x"]}', "of type image.History$"),
        (b"\xff", "invalid image configuration"),
        (b'{"x": NaN}', "invalid character 'N' looking for beginning of value"),
        (b"[" * 100_000, "invalid image configuration"),
    ],
)
def test_invalid_configurations_are_errors(data: bytes, message: str) -> None:
    with pytest.raises(BadParameter, match=message):
        parse_config(data)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"config": ["x"]}, "array into Go struct field Image.config of type container.Config"),
        ({"config": "x"}, "string into Go struct field Image.config of type container.Config"),
        (
            {"config": {"Healthcheck": {"Interval": 1 << 70}}},
            (
                f"number {1 << 70} into Go struct field HealthConfig.config.Healthcheck.Interval"
                " of type time.Duration"
            ),
        ),
        ({"os": ["linux"]}, "array into Go struct field Image.os of type string"),
        ({"architecture": 7}, "number into Go struct field Image.architecture of type string"),
        ({"history": "abc"}, "string into Go struct field Image.history of type []image.History"),
        ({"history": [5]}, "number into Go struct field Image.history of type image.History"),
        (
            {"history": [{"created_by": ["x"]}]},
            "array into Go struct field History.history.created_by of type string",
        ),
        (
            {"history": [{"empty_layer": "no"}]},
            "string into Go struct field History.history.empty_layer of type bool",
        ),
    ],
)
def test_fields_of_other_types_are_rejected_in_dockerds_words(
    fields: dict[str, Any], message: str
) -> None:
    with pytest.raises(BadParameter) as caught:
        parsed(**fields)
    assert str(caught.value) == f"json: cannot unmarshal {message}"


@pytest.mark.parametrize(
    ("name", "value", "json_type", "go_type"),
    [
        ("Labels", ["x"], "array", "map[string]string"),
        ("Labels", "abc", "string", "map[string]string"),
        ("Labels", {"a": 1}, "number", "string"),
        ("Env", {"a": "b"}, "object", "[]string"),
        ("Env", [5], "number", "string"),
        ("Volumes", ["x"], "array", "map[string]struct {}"),
        ("Volumes", {"/v": 1}, "number", "struct {}"),
        ("ExposedPorts", ["80"], "array", "nat.PortSet"),
        ("WorkingDir", 5, "number", "string"),
        ("User", True, "bool", "string"),
        ("Cmd", [["sh"]], "array", "string"),
        ("StopSignal", [1], "array", "string"),
        ("StopTimeout", 1.5, "number 1.5", "int"),
        ("Healthcheck", "x", "string", "container.HealthConfig"),
        ("Tty", "yes", "string", "bool"),
    ],
)
def test_settings_of_other_types_are_rejected_in_dockerds_words(
    name: str, value: Any, json_type: str, go_type: str
) -> None:
    with pytest.raises(BadParameter) as caught:
        parsed(config={name: value})
    assert str(caught.value) == (
        f"json: cannot unmarshal {json_type} into Go struct field Config.config.{name}"
        f" of type {go_type}"
    )


@pytest.mark.parametrize(
    ("created", "message"),
    [
        (5, "^Time.UnmarshalJSON: input is not a JSON string$"),
        ("yesterday", '^parsing time "yesterday" as "2006-01-02T15:04:05Z07:00": cannot parse'),
        ("2024-13-01T00:00:00Z", "invalid time 2024-13-01"),
    ],
)
def test_invalid_times_are_rejected(created: Any, message: str) -> None:
    for fields in ({"created": created}, {"history": [{"created": created}]}):
        with pytest.raises(BadParameter, match=message):
            parsed(**fields)


def test_nulls_commands_and_lone_surrogates_are_read_as_by_go() -> None:
    config = {
        "Env": [None, "A=1"], "Labels": {"a": None, "\ud800": "b\udc00"}, "Cmd": "sh", "Tty": None,
        "Volumes": {"/v": None},
    }  # fmt: skip
    assert parsed(config=config, created=None, history=[None])["config"] == {
        "Env": ["", "A=1"],
        "Labels": {"a": "", "\N{REPLACEMENT CHARACTER}": "b\N{REPLACEMENT CHARACTER}"},
        "Cmd": ["sh"],
        "Volumes": {"/v": {}},
    }


def test_a_stored_configuration_that_is_rejected_now_keeps_its_layers() -> None:
    data = json.dumps({"rootfs": ROOTFS, "config": ["x"], "created": 5}).encode()
    assert parse_stored_config(data) == {"rootfs": ROOTFS}
    good = json.dumps({"rootfs": ROOTFS, "os": "linux"}).encode()
    assert parse_stored_config(good) == {"rootfs": ROOTFS, "os": "linux"}


def test_properties_of_an_image() -> None:
    bare = Image("sha256:" + "1" * 64, parsed(), ())
    assert (bare.labels, bare.run_config, bare.created_ns) == ({}, {}, ZERO_NS)
    assert bare.platform == Platform("linux", "")
    image = Image(
        bare.id,
        parsed(
            os="linux", architecture="arm", variant="v7", created="1970-01-01T00:00:01.5Z",
            config={"Labels": {"a": "b"}},
        ),
        (),
    )  # fmt: skip
    assert (str(image.platform), image.labels) == ("linux/arm/v7", {"a": "b"})
    assert image.created_ns == 1_500_000_000
    assert image.chain_ids == [DIFF]
    assert Image(bare.id, parsed(created="0001-01-01T00:00:00Z"), ()).created_ns == ZERO_NS


def on(machine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platforms.platform, "machine", lambda: machine)


@pytest.mark.parametrize(
    ("machine", "text", "expected"),
    [
        ("x86_64", "linux", "linux/amd64"),
        ("x86_64", "arm64", "linux/arm64"),
        ("x86_64", "linux/x86_64", "linux/amd64"),
        ("x86_64", "linux/arm", "linux/arm/v7"),
        ("x86_64", "linux/arm/v6", "linux/arm/v6"),
        ("x86_64", "LINUX/AMD64", "linux/amd64"),
        ("aarch64", "macos", "darwin/arm64/v8"),
        ("riscv64", "linux", "linux/riscv64"),
    ],
)
def test_platforms(machine: str, text: str, expected: str, monkeypatch: pytest.MonkeyPatch) -> None:
    on(machine, monkeypatch)
    assert str(parse_platform(text)) == expected


@pytest.mark.parametrize("text", ["", "a/b/c/d", "nonsense", "linux/", "linux/amd 64", "../x"])
def test_invalid_platforms_are_errors(text: str) -> None:
    with pytest.raises(BadParameter, match=r"cannot parse|invalid|unknown"):
        parse_platform(text)


def test_which_platform_accepts_and_runs_which(monkeypatch: pytest.MonkeyPatch) -> None:
    on("aarch64", monkeypatch)
    host = host_platform()
    assert str(host) == "linux/arm64/v8"
    assert host.accepts(Platform("linux", "arm64"))
    assert not host.accepts(Platform("linux", "arm64", "v9"))
    assert not host.accepts(Platform("windows", "arm64", "v8"))
    assert not host.accepts(Platform("linux", "arm", "v7"))
    assert host.runs(Platform("linux", "arm", "v7"))
    assert not host.runs(Platform("linux", "amd64"))
    assert Platform("linux", "amd64").runs(Platform("linux", "386"))
