"""The freezer of control groups, on fake folders whose files a kernel thread answers."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from docker_magics.embedded.runtime import freezer
from docker_magics.embedded.runtime.cgroup import Cgroups
from docker_magics.embedded.runtime.freezer import Freezer


@pytest.fixture(params=["1", "2"])
def group(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Freezer]:
    """A thawed group of either version; it freezes soon after it was told to."""
    is_v1 = request.param == "1"
    (tmp_path / "freezer.state").write_text("THAWED\n")
    (tmp_path / "cgroup.freeze").write_text("0\n")
    (tmp_path / "cgroup.events").write_text("populated 1\nfrozen 0\n")
    if not is_v1:
        (tmp_path / "freezer.state").unlink()
    ended = threading.Event()

    def kernel() -> None:
        """Version 1 shows the request at once, version 2 reports in cgroup.events."""
        while not ended.wait(0.01):
            wants = (tmp_path / "cgroup.freeze").read_text().strip()
            (tmp_path / "cgroup.events").write_text(f"populated 1\nfrozen {wants or 0}\n")

    thread = threading.Thread(target=kernel)
    thread.start()
    yield Freezer(tmp_path, is_v1=is_v1)
    ended.set()
    thread.join()


def test_freeze_and_thaw(group: Freezer) -> None:
    assert group.exists
    assert not group.is_frozen()
    group.freeze()
    assert group.is_frozen()
    group.thaw()
    assert not group.is_frozen()


def test_a_group_that_does_not_freeze_is_thawed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(freezer, "_TIMEOUT_S", 0.05)
    (tmp_path / "cgroup.freeze").write_text("0\n")
    (tmp_path / "cgroup.events").write_text("frozen 0\n")
    started = time.monotonic()
    with pytest.raises(OSError, match="unable to freeze"):
        Freezer(tmp_path, is_v1=False).freeze()
    assert time.monotonic() - started < 1
    assert (tmp_path / "cgroup.freeze").read_text() == "0"


def test_a_group_that_is_gone(tmp_path: Path) -> None:
    gone = Freezer(tmp_path / "gone", is_v1=True)
    assert not gone.exists
    for action in (gone.freeze, gone.thaw, gone.is_frozen):
        with pytest.raises(FileNotFoundError):
            action()


def test_groups_have_a_freezer_if_the_machine_has_one(tmp_path: Path) -> None:
    folder = tmp_path / "docker_magics-c"
    folder.mkdir()
    groups = Cgroups({"freezer": tmp_path, "cpuacct": tmp_path})
    assert groups.freezer("c") is None  # made by an engine that knew of none
    (folder / "freezer.state").write_text("FROZEN\n")
    frozen = groups.freezer("c")
    assert frozen is not None
    assert frozen.is_frozen()
    assert Cgroups({"memory": tmp_path}).freezer("c") is None
    groups.remove("c")
