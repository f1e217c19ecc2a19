"""Opening the file trees of containers."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from unit.embedded import fakes
from unit.embedded.containers.support import FakeSpecs, FakeSupervisor

from docker_magics.embedded.containers.events import ContainerEvents
from docker_magics.embedded.containers.files import ContainerFiles
from docker_magics.embedded.records.container import Container

VOLUME: Any = {
    "Type": "volume", "Name": "data", "Destination": "/data", "Source": "/v", "RW": True,
    "Propagation": "", "Mode": "", "Driver": "local",
}  # fmt: skip


class Files:
    """File trees of a stopped or running container."""

    def __init__(self, folder: Path) -> None:
        (folder / "stopped").mkdir()
        (folder / "running").mkdir()
        self.events = fakes.FakeEvents()
        self.supervisor = FakeSupervisor()
        self.supervisor.driver.running_root = lambda pid: str(folder / "running") if pid else None
        specs: Any = FakeSpecs(folder / "stopped")
        events = ContainerEvents(self.events)
        self.files = ContainerFiles(events, self.supervisor, specs)  # type: ignore[arg-type]
        self.web: Container = fakes.container(folder, Mounts=[VOLUME])


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path)


def test_a_stopped_container_is_mounted_and_a_running_one_is_entered(files: Files) -> None:
    with files.files.open(files.web) as root:
        assert root.path.name == "stopped"
    fakes.start(files.web)
    with files.files.open(files.web) as root:
        assert root.path.name == "running"


def test_a_driver_without_roots_of_its_own(files: Files) -> None:
    fakes.start(files.web)
    files.supervisor.driver.running_root = lambda _pid: None
    with files.files.open(files.web) as root:
        assert root.path.name == "stopped"


def can_start(container: Container) -> bool:
    """Whether another thread may start a container."""
    with ThreadPoolExecutor(1) as pool:
        if not (acquired := pool.submit(container.lock.acquire, blocking=False).result()):
            return False
        pool.submit(container.lock.release).result()
        return acquired


def test_a_container_is_not_started_while_its_files_are_mounted(files: Files) -> None:
    with files.files.open(files.web):
        assert not can_start(files.web)
    assert can_start(files.web)
    with files.files.open_rootfs(files.web):
        assert can_start(files.web), "the upper folder is only read"
    fakes.start(files.web)
    with files.files.open(files.web):
        assert can_start(files.web)


def test_a_driver_that_mounts_nothing_holds_no_lock(files: Files) -> None:
    files.supervisor.driver.enters_namespaces = False
    with files.files.open(files.web):
        assert can_start(files.web)


def test_volumes_are_mounted_and_always_unmounted(files: Files) -> None:
    with files.files.open(files.web):
        assert files.events.actions("volume") == ["mount"]
    files.events.events.clear()
    files.supervisor.driver.running_root = lambda _pid: "/dev/null"
    fakes.start(files.web)
    with pytest.raises(NotADirectoryError):
        files.files.open(files.web).__enter__()
    assert files.events.actions("volume") == ["mount", "unmount"]


def test_a_container_that_has_just_ended_is_mounted(files: Files) -> None:
    files.supervisor.driver.running_root = lambda _pid: "/does/not/exist"
    fakes.start(files.web)
    with files.files.open(files.web) as root:
        assert root.path.name == "stopped"


def test_the_bare_root_filesystem_has_no_volumes(files: Files) -> None:
    fakes.start(files.web)
    with files.files.open_rootfs(files.web) as root:
        assert root.path.name == "stopped"
    rootfs = files.supervisor.trees[0]["rootfs"]
    assert (rootfs["lower"], rootfs["upper"]) == (["/layer", "/upper"], ""), "its overlay is in use"
    assert files.events.events == []
