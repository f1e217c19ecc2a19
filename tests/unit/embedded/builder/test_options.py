"""The options of a build request."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from unit.embedded.builder.support import request

from docker_magics.embedded.builder.options import read_options
from docker_magics.embedded.errors import BadParameter
from docker_magics.embedded.images.platforms import host_platform
from docker_magics.embedded.registry.credentials import Credentials


def config_header(value: Any) -> dict[str, str]:
    """Return an X-Registry-Config header, without padding as some clients send it."""
    text = value if isinstance(value, bytes) else json.dumps(value).encode()
    return {"x-registry-config": base64.urlsafe_b64encode(text).decode().rstrip("=")}


def test_the_defaults() -> None:
    options = read_options(request(b""))
    assert (options.tags, options.dockerfile, options.remote) == ([], "Dockerfile", "")
    assert (options.quiet, options.no_cache, options.pull) == (False, False, False)
    assert (options.remove, options.force_remove) == (True, False)
    assert (options.arguments, options.labels, options.cache_from) == ({}, {}, [])
    assert options.host_config == {"NetworkMode": "default"}
    assert (options.platform, options.platform_given) == (host_platform(), False)
    assert options.credentials == {}


def test_options_of_the_cli() -> None:
    options = read_options(
        request(
            b"",
            t=["name", "name:latest", "other:1", ""],
            dockerfile="d/My",
            q="1",
            nocache="1",
            pull="1",
            rm="0",
            forcerm="1",
            cachefrom='["a","b"]',
            buildargs='{"A":"1","B":null}',
            labels='{"l":"1"}',
            platform="linux/arm64",
            buildid="b1",
            target="t",
            ulimits='[{"Name":"nofile","Soft":1,"Hard":2}]',
            extrahosts=["a:1.2.3.4,b:1.2.3.5", "c:1.2.3.6"],
            memory="10",
            memswap="-1",
            cpusetcpus="0",
            networkmode="host",
            isolation="default",
            cachefrom2="ignored",
        )
    )
    assert [tag.familiar for tag in options.tags] == ["name:latest", "other:1"]
    assert (options.remove, options.force_remove) == (False, True)
    assert options.cache_from == ["a", "b"]
    assert options.arguments == {"A": "1", "B": None}
    assert (str(options.platform), options.platform_given) == ("linux/arm64", True)
    assert options.host_config == {
        "NetworkMode": "host",
        "ExtraHosts": ["a:1.2.3.4", "b:1.2.3.5", "c:1.2.3.6"],
        "Memory": 10,
        "MemorySwap": -1,
        "CpusetCpus": "0",
        "Ulimits": [{"Name": "nofile", "Soft": 1, "Hard": 2}],
    }


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ({"squash": "1"}, "squash is only supported with experimental mode"),
        ({"isolation": "hyperv"}, 'unsupported isolation: "hyperv"'),
        ({"securityopt": ["x"]}, ("security options are not supported on linux")),
        ({"t": "UPPER"}, ("invalid reference format: repository name (library/UPPER) must be"
         " lowercase")),
        ({"t": "a@sha256:" + "0" * 64}, "build tag cannot contain a digest"),
        ({"buildargs": "{"}, "error reading buildargs: unexpected end of JSON input"),
        ({"buildargs": "[]"}, ("error reading buildargs: json: cannot unmarshal array into"
         " Go value of type map[string]*string")),
        ({"cachefrom": "{}"}, ("error reading cachefrom: json: cannot unmarshal object into"
         " Go value of type []string")),
        ({"labels": "1"}, ("error reading labels: json: cannot unmarshal number into"
         " Go value of type map[string]string")),
        ({"memory": "much"}, 'strconv.Atoi: parsing "much": invalid syntax'),
    ],
)  # fmt: skip
def test_invalid_options(query: dict[str, Any], message: str) -> None:
    with pytest.raises(BadParameter) as caught:
        read_options(request(b"", **query))
    assert str(caught.value) == message


def test_null_means_the_default() -> None:
    options = read_options(request(b"", buildargs="null", cachefrom="null", labels=""))
    assert (options.arguments, options.cache_from, options.labels) == ({}, [], {})


def test_credentials_by_domain() -> None:
    header = config_header(
        {
            "https://index.docker.io/v1/": {"username": "me", "password": "p"},
            "host:5000": {"identitytoken": "t"},
        }
    )
    options = read_options(request(b"", header))
    assert options.credentials == {
        "docker.io": Credentials("me", "p"),
        "host:5000": Credentials(identity_token="t"),  # noqa: S106 - a test's
    }
    assert "'p'" not in repr(options)


@pytest.mark.parametrize("value", [b"{", b"\xff", ["a"], {"host": "text"}])
def test_invalid_credentials(value: Any) -> None:
    with pytest.raises(BadParameter, match=r"^invalid X-Registry-Config header: "):
        read_options(request(b"", config_header(value)))
