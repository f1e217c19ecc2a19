"""--change of docker commit and docker import."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from docker_magics.embedded.dockerfile.changes import apply_changes
from docker_magics.embedded.dockerfile.instructions import INSTRUCTIONS
from docker_magics.embedded.errors import BadParameter


def test_changes_are_applied_in_their_order() -> None:
    config: Any = {"Env": ["A=1"], "Cmd": ["old"], "User": "me"}
    changes = ["ENV B=$A", "ENV C=$B\nEXPOSE $B", 'ENTRYPOINT ["e"]', "cmd x", "WORKDIR /$C/d"]
    apply_changes(config, changes)
    assert config == {
        "Env": ["A=1", "B=1", "C=1"],
        "ExposedPorts": {"1/tcp": {}},
        "Entrypoint": ["e"],
        "Cmd": ["/bin/sh", "-c", "x"],
        "User": "me",
        "WorkingDir": "/1/d",
    }


def test_no_changes_change_nothing() -> None:
    config: Any = {"Cmd": ["sh"]}
    apply_changes(config, [])
    assert config == {"Cmd": ["sh"]}


def test_which_instructions_are_accepted() -> None:
    assert {keyword for keyword, kind in INSTRUCTIONS.items() if kind.in_changes} == {
        "CMD", "ENTRYPOINT", "ENV", "EXPOSE", "HEALTHCHECK", "LABEL", "ONBUILD", "STOPSIGNAL",
        "USER", "VOLUME", "WORKDIR",
    }  # fmt: skip
    assert all(kind.change for kind in INSTRUCTIONS.values() if kind.in_changes)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("RUN x", "RUN is not a valid change command"),
        ("MAINTAINER me", "MAINTAINER is not a valid change command"),
        ('SHELL ["sh"]', "SHELL is not a valid change command"),
        ("FROM x", "FROM is not a valid change command"),
        ("NONSENSE x", "NONSENSE is not a valid change command"),
        ("USER", "USER requires exactly one argument"),
        ("HEALTHCHECK NONE x", "HEALTHCHECK NONE takes no arguments"),
        ("ENV A", "ENV must have two arguments"),
        ("# nothing", "file with no instructions"),
        ('USER "open', 'failed to process "\\"open": unexpected end of statement while looking for matching double-quote'),  # noqa: E501
    ],
)  # fmt: skip
def test_an_invalid_change_is_refused(text: str, message: str) -> None:
    with pytest.raises(BadParameter) as caught:
        apply_changes({}, [text])
    assert str(caught.value) == message


def test_nothing_is_applied_before_all_are_checked() -> None:
    config: Any = {"Cmd": ["sh"]}
    before = copy.deepcopy(config)
    with pytest.raises(BadParameter):
        apply_changes(config, ["ENV A=1", "RUN x"])
    assert config == before
