"""Stages: names, base configs, the target."""

from __future__ import annotations

from typing import Any

import pytest

from docker_magics.embedded.builder.stages import Stage, Stages, up_to_target
from docker_magics.embedded.containers.environment import PATH
from docker_magics.embedded.errors import BadParameter
from docker_magics.embedded.images.image import Image
from docker_magics.wire import dockerfile
from docker_magics.wire.dockerfile import Instruction


def image(**config: Any) -> Image:
    fields: Any = {"config": config, "rootfs": {"type": "layers", "diff_ids": []}}
    return Image("sha256:a", fields, ())


def instructions(text: str) -> tuple[Instruction, ...]:
    return dockerfile.parse(text).instructions


@pytest.mark.parametrize(
    ("env", "expected"),
    [
        (None, [PATH]),
        (["A=1"], ["A=1", PATH]),
        (["PATH=/bin", "A=1"], ["PATH=/bin", "A=1"]),
        (["PATH="], ["PATH="]),
    ],
)
def test_a_stage_has_a_path(env: list[str] | None, expected: list[str]) -> None:
    stage = Stage("")
    stage.start_from(image(Env=env))
    assert stage.config["Env"] == expected
    stage.start_from(None)
    assert stage.config["Env"] == [PATH]


def test_a_stage_has_a_copy_of_the_base_config_without_triggers() -> None:
    base = image(Labels={"a": "1"}, OnBuild=["RUN x"], Shell=["bash"])
    stage = Stage("")
    assert (stage.image_id, stage.workdir, stage.shell) == ("", "/", ["/bin/sh", "-c"])
    stage.start_from(base)
    assert stage.config["OnBuild"] is None
    assert (stage.image_id, stage.shell) == ("sha256:a", ["bash"])
    labels = stage.config["Labels"]
    assert labels is not None
    labels["b"] = "2"
    assert base.labels == {"a": "1"}


def test_env_takes_precedence_over_arg() -> None:
    stage = Stage("", arguments={"A": "arg", "B": "arg", "C": None})
    stage.config["Env"] = ["A=env"]
    assert stage.variables == {"A": "env", "B": "arg"}


def test_a_stage_is_found_by_name_and_number() -> None:
    stages = Stages()
    assert not stages
    first, second = Stage("one"), Stage("")
    stages.add(first)
    stages.add(second)
    assert stages
    assert stages.current is second
    assert stages.find("ONE") is first
    assert stages.find("1") is second
    assert [stages.find(name) for name in ("2", "two", "", "-1", "²")] == [None] * 5


def test_a_name_is_used_once() -> None:
    stages = Stages()
    stages.add(Stage("one"))
    stages.add(Stage(""))
    for line in instructions("FROM a AS two\nFROM a\nRUN a as one"):
        stages.check_name(line)
    with pytest.raises(BadParameter, match="one stage name already used"):
        stages.check_name(instructions("FROM b AS One")[0])


TEXT = "ARG A\nFROM a AS one\nRUN x\nFROM one AS two\nRUN y\nFROM b"


@pytest.mark.parametrize(("target", "count"), [("", 6), ("one", 3), ("TWO", 5)])
def test_the_target_is_the_last_stage(target: str, count: int) -> None:
    lines = instructions(TEXT)
    assert up_to_target(lines, target) == lines[:count]


@pytest.mark.parametrize("target", ["three", "2", "b"])
def test_an_unknown_target(target: str) -> None:
    with pytest.raises(BadParameter) as caught:
        up_to_target(instructions(TEXT), target)
    assert str(caught.value) == f'target stage "{target}" could not be found'
