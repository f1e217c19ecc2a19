"""Many containers at once leave nothing behind."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psutil
import pytest
from embedded.faults import (
    BUSY,
    wait_until,
)
from embedded.shared import (
    client,
    files_of,
    pids_with,
    running,
)

MANY = 200
AT_ONCE = 8


@pytest.fixture
def engine(tmp_path: Path, busybox: bytes) -> Iterator[Path]:
    """The folder of a private engine that has busybox."""
    with running(tmp_path), client(tmp_path) as api:
        api.images.load(busybox)
        yield tmp_path


def test_many_containers_at_once_leave_nothing(engine: Path) -> None:
    """No process, mount, interface, descriptor or file of 200 removed containers."""
    main = min(pids_with(f"{engine}/root"))
    helper = (engine / "root/networks.pid").read_text()

    def resources() -> dict[str, Any]:
        return {
            "mounts": {pid: Path(f"/proc/{pid}/mountinfo").read_text() for pid in (main, helper)},
            "interfaces": len(Path(f"/proc/{helper}/net/dev").read_text().splitlines()),
            "processes": len(psutil.Process(main).children(recursive=True)),
            "all": len(pids_with(f"{engine}/root")),
            "files": files_of(engine),
        }

    def run_some(count: int) -> None:
        with client(engine) as api:
            for number in range(count):
                short = {"command": "true", "detach": True}
                box = api.containers.run("busybox", **(BUSY if number % 4 else short))
                box.remove(force=True)

    run_some(2)
    time.sleep(1)  # the kernel removes interfaces asynchronously
    before = resources()
    descriptors = psutil.Process(main).num_fds()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(run_some, [MANY // AT_ONCE] * AT_ONCE))
    with contextlib.suppress(AssertionError):
        wait_until(lambda: resources() == before)
    assert resources() == before  # shows the difference
    wait_until(lambda: psutil.Process(main).num_fds() <= descriptors + 2)
