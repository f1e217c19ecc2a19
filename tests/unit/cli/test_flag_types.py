"""Values of flags, in addition to the recorded requests in tests/wire."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from docker_magics.cli.flag_types import mounts, networks, resources, texts, times
from docker_magics.cli.flag_types.platforms import normalized


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("a,b", ["a", "b"]),
        ('"a,b",c', ["a,b", "c"]),
        ('"say ""hi"""', ['say "hi"']),
        ("a,,", ["a", "", ""]),
        ("", []),
    ],
)
def test_csv(text: str, values: list[str]) -> None:
    assert texts.csv_values(text) == values


@pytest.mark.parametrize("text", ['a"b', '"a', '"a"b,c'])
def test_invalid_csv(text: str) -> None:
    with pytest.raises(ValueError, match="parse error on line 1, column"):
        texts.csv_values(text)


def test_env_file(tmp_path: Path) -> None:
    """Skip comments and empty lines, keep values unchanged, look up names without values."""
    file = tmp_path / "env"
    file.write_text("\ufeffA=1\n# no\n\n  B= x \nHOME\nNONE\nC='q'\n", encoding="utf-8")
    pairs = texts.read_pairs(str(file), {"HOME": "/me"}.get)
    assert pairs == ["A=1", "B= x ", "HOME=/me", "C='q'"]
    assert texts.read_pairs(str(file)) == ["A=1", "B= x ", "C='q'"]


def test_an_env_file_that_is_not_text(tmp_path: Path) -> None:
    file = tmp_path / "env"
    file.write_bytes(b"A=\xff\n")
    with pytest.raises(ValueError, match="invalid utf8 bytes"):
        texts.read_pairs(str(file))


def test_ports_of_a_range_with_one_target() -> None:
    """The engine chooses a free port of the range."""
    assert networks.published_ports(["8000-8010:80", "[::1]:53:53/udp"]) == {
        "80/tcp": [{"HostIp": "", "HostPort": "8000-8010"}],
        "53/udp": [{"HostIp": "::1", "HostPort": "53"}],
    }


def test_mount_options_with_dots() -> None:
    parsed = mounts.mount("type=volume,dst=/d,volume-label=com.example.a=b=c,volume-opt=o=addr=1")
    assert parsed["VolumeOptions"] == {
        "Labels": {"com.example.a": "b=c"},
        "DriverConfig": {"Options": {"o": "addr=1"}},
    }


def test_relative_sources(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """They are relative to the working directory; symbolic links are not resolved."""
    (tmp_path / "link").symlink_to("/")
    monkeypatch.chdir(tmp_path)
    binds, anonymous = mounts.volumes(["./link:/l:ro", "name:/n", "/only", "C:/x:/y", "name:/n"])
    assert binds == [f"{tmp_path}/link:/l:ro", "name:/n", "C:/x:/y"]
    assert anonymous == {"/only": {}}


def test_a_device_keeps_relative_paths_for_the_engine() -> None:
    assert resources.device("/dev/../x:/dev//y") == {
        "PathOnHost": "/dev/../x",
        "PathInContainer": "/dev/y",
        "CgroupPermissions": "rwm",
    }


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("10m", "1699999400"),
        ("1700000000", "1700000000"),
        ("0", "0"),
        ("2024-01-01T00:00:00Z", "1704067200.000000000"),
        ("2024-01-01T01:00:00.5+01:00", "1704067200.500000000"),
        ("2024-01-01Z", "1704067200.000000000"),
        ("2024-01-01T10Z", "1704103200.000000000"),
    ],
)
def test_timestamp(text: str, seconds: str) -> None:
    assert times.timestamp(text, datetime.fromtimestamp(1_700_000_000, UTC)) == seconds


@pytest.mark.parametrize("text", ["yesterday", "2024-13-01", "-5", "1,5"])
def test_invalid_timestamps(text: str) -> None:
    with pytest.raises(ValueError, match="time"):
        times.timestamp(text)


@pytest.mark.parametrize(
    ("text", "platform"),
    [
        ("linux/amd64", "linux/amd64"),
        ("LINUX/x86_64", "linux/amd64"),
        ("linux/aarch64", "linux/arm64"),
        ("linux/arm", "linux/arm"),
        ("linux/arm/v6", "linux/arm/v6"),
        ("linux/arm64/8", "linux/arm64/v8"),
        ("windows(10.0.17763)/amd64", "windows/amd64"),
    ],
)
def test_platform(text: str, platform: str) -> None:
    assert normalized(text) == platform
