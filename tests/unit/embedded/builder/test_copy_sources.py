"""The sources of COPY: trees of any depth and size, without lists of their files."""

from __future__ import annotations

import os
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest
from unit.embedded.fakes import make_deep

from docker_magics.embedded.builder.copy_apply import apply_copy
from docker_magics.embedded.builder.copy_flags import CopyFlags
from docker_magics.embedded.builder.copy_plan import CopyPlan
from docker_magics.embedded.builder.copy_sources import TreeSource
from docker_magics.embedded.storage.rootfs import Rootfs
from docker_magics.wire import dockerignore


@pytest.fixture
def plan(deep_path: Path) -> Iterator[CopyPlan]:
    """The plan of `COPY context /x`."""
    (deep_path / "context").mkdir()
    with Rootfs(deep_path / "context") as root:
        source = TreeSource(root, "", "", is_folder=True, exclude=dockerignore.parse(""))
        yield CopyPlan(root, "/x", into_folder=True, sources=[source])


def test_deep_folders_and_names_that_are_not_utf8(plan: CopyPlan, deep_path: Path) -> None:
    make_deep(plan.root.path, 1500)
    name = os.fsdecode(b"\xff" * 255)
    (plan.root.path / name).write_text("1")
    assert plan.label.startswith("dir:")
    (deep_path / "image").mkdir()
    with Rootfs(deep_path / "image") as root:
        apply_copy(plan, root, CopyFlags())
    assert (deep_path / "image/x" / ("d/" * 1500)).is_dir()
    assert (deep_path / "image/x" / name).read_text() == "1"


def test_files_are_not_kept(plan: CopyPlan) -> None:
    for number in range(10_000):
        (plan.root.path / f"{number:05}{'n' * 100}").touch()
    tracemalloc.start()
    try:
        assert plan.digest
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 5 << 20  # the names alone
