"""Compose's listings as DataFrames."""

from __future__ import annotations

import json

import pandas as pd
import pytest
from unit.compose.conftest import MakeCall

from docker_magics.compose.tables import container_of, listing
from docker_magics.errors import UsageError
from docker_magics.results.table import Table
from docker_magics.results.text import Lines, Text

_CONTAINER = {
    "ID": "9f479cf82803",
    "Name": "app-redis-1",
    "Image": "redis",
    "Command": '"redis-server"',
    "Service": "redis",
    "CreatedAt": "2026-11-29 22:25:09 +0900 KST",
    "Status": "Up 2 seconds (healthy)",
    "Ports": "",
    "Labels": "a=1,com.docker.compose.container-number=2",
}
_IMAGE = {
    "ID": "sha256:ff5e597a50006e6154fcf961d483ecec65c2015dd531c94f80d59ecf6cf604c9",
    "ContainerName": "app-web-1",
    "Repository": "app-web",
    "Tag": "latest",
    "Platform": "linux/amd64",
    "Size": 1982437,
    "Created": "2026-11-29T22:25:09.745571133Z",
}
_TOP = """\
SERVICE  #   UID   PID    CMD
redis    1   root  23238  redis-server *:6379
web      1   root  23248  httpd -f -p 80
"""


def _printed(text: str) -> str:
    return f"print({text!r})"


def test_ps(make_call: MakeCall) -> None:
    table = listing(make_call(_printed(json.dumps(_CONTAINER)), "ps", "-a"))
    assert isinstance(table, Table)
    assert list(table.columns) == [
        *("NAME", "IMAGE", "COMMAND", "SERVICE", "CREATED", "STATUS", "PORTS")
    ]
    assert table["CREATED"][0] == pd.Timestamp("2026-11-29 13:25:09", tz="UTC")


def test_an_empty_listing_has_its_columns(make_call: MakeCall) -> None:
    table = listing(make_call("", "ps"))
    assert isinstance(table, Table)
    assert len(table) == 0
    assert str(table.dtypes["CREATED"]) == "datetime64[ns, UTC]"
    images = listing(make_call(_printed("null"), "images"))
    assert isinstance(images, Table)
    assert len(images) == 0


def test_images(make_call: MakeCall) -> None:
    table = listing(make_call(_printed(json.dumps([_IMAGE])), "images"))
    assert isinstance(table, Table)
    row = table.iloc[0]
    assert (row["IMAGE ID"], row["SIZE"], row["TAG"]) == ("ff5e597a5000", 1982437, "latest")
    assert "1.98MB" in repr(table)


def test_projects_and_volumes(make_call: MakeCall) -> None:
    project = {"Name": "app", "Status": "running(3)", "ConfigFiles": "/x/compose.yaml"}
    projects = listing(make_call(_printed(json.dumps([project])), "ls"))
    volume = {"Driver": "local", "Name": "app_data"}
    volumes = listing(make_call(_printed(json.dumps(volume)), "volumes"))
    assert isinstance(projects, Table)
    assert projects.to_dict("records") == [
        {"NAME": "app", "STATUS": "running(3)", "CONFIG FILES": "/x/compose.yaml"}
    ]
    assert isinstance(volumes, Table)
    assert volumes["VOLUME NAME"].tolist() == ["app_data"]


def test_top(make_call: MakeCall) -> None:
    table = listing(make_call(_printed(_TOP), "top"))
    assert isinstance(table, Table)
    assert table["CMD"].tolist() == ["redis-server *:6379", "httpd -f -p 80"]
    empty = listing(make_call("", "top"))
    assert isinstance(empty, Table)
    assert len(empty) == 0


@pytest.mark.parametrize("option", ["-q", "-aq", "--quiet", "--services"])
def test_names_alone_are_a_list(make_call: MakeCall, option: str) -> None:
    names = listing(make_call("print('a'); print('b')", "ps", option))
    assert isinstance(names, Lines)
    assert names == ["a", "b"]


@pytest.mark.parametrize("options", [("--format", "json"), ("--format=json",)])
def test_a_format_is_kept(make_call: MakeCall, options: tuple[str, ...]) -> None:
    text = listing(make_call("print('x')", "ps", *options))
    assert isinstance(text, Text)


def test_other_verbs_list_nothing(make_call: MakeCall) -> None:
    assert listing(make_call("", "port", "web", "80")) is None


def test_the_container_of_a_service(make_call: MakeCall) -> None:
    call = make_call(_printed(json.dumps(_CONTAINER)), "exec")
    assert container_of(call, "redis", 0) == "9f479cf82803"
    assert container_of(call, "redis", 2) == "9f479cf82803"
    with pytest.raises(UsageError, match="service 'redis' has no running container"):
        container_of(call, "redis", 3)
