"""A container's record, status and waiting clients."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest
from unit.embedded.fakes import FakeContainers, container, start

from docker_magics.embedded.errors import Conflict
from docker_magics.embedded.namespace_source import namespace_of
from docker_magics.embedded.records import defaults
from docker_magics.embedded.state import read_json


@pytest.mark.parametrize(
    ("state", "status"),
    [
        ({}, "created"),
        ({"StartedAt": "2026-01-01T00:00:00Z"}, "exited"),
        ({"Running": True}, "running"),
        ({"Running": True, "Paused": True}, "paused"),
        ({"Running": True, "Restarting": True}, "restarting"),
        ({"Running": True, "Removing": True}, "running"),
        ({"Removing": True}, "removing"),
        ({"Dead": True}, "dead"),
    ],
)
def test_status(tmp_path: Path, state: Any, status: str) -> None:
    box = container(tmp_path)
    box.state.update(state)
    assert box.status == status


def test_active(tmp_path: Path) -> None:
    box = container(tmp_path)
    with pytest.raises(Conflict, match="is not running"):
        box.active()
    start(box)
    assert box.active() is box.process
    box.state["Restarting"] = True
    with pytest.raises(Conflict, match="is restarting, wait until the container is running"):
        box.active()


def test_the_record_is_written_atomically(tmp_path: Path) -> None:
    box = container(tmp_path, config={"Labels": {"a": "b"}})
    box.write()
    assert read_json(box.folder / "config.json") == box.record
    assert (box.folder / "config.json").stat().st_mode & 0o777 == 0o600


def test_a_full_disk_does_not_end_containers(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    box = container(tmp_path)
    box.folder.rmdir()
    box.save()
    assert box.id in caplog.text
    with pytest.raises(OSError, match="No such file"):
        box.write()


def test_waiting_for_an_exit(tmp_path: Path) -> None:
    box = container(tmp_path)
    assert not box.wait_for_exit(0, 0.01)

    def exit_() -> None:
        box.exits += 1
        box.save()

    threading.Timer(0.02, exit_).start()
    assert box.wait_for_exit(0, 10)
    assert box.wait_for_exit(0, 0)


def test_paths(tmp_path: Path) -> None:
    box = container(tmp_path, Layers=["/a", "/b"])
    assert box.log_path == box.folder / f"{box.id}-json.log"
    assert (box.layer.folder, box.layer.lower) == (box.folder, ("/a", "/b"))


def test_labels_are_a_copy(tmp_path: Path) -> None:
    box = container(tmp_path, config={"Labels": {"a": "b"}})
    box.labels().clear()
    assert box.labels() == {"a": "b"}


def test_inspect_s_order_has_every_field() -> None:
    assert set(defaults.HOST_CONFIG_ORDER) == {
        *defaults.HOST_CONFIG,
        *defaults.OPTIONAL_HOST_CONFIG,
    }
    order = defaults.HOST_CONFIG_ORDER
    assert order.index("Tmpfs") == order.index("StorageOpt") + 1 == order.index("SecurityOpt") + 2
    assert set(defaults.CONFIG_ORDER) == {*defaults.CONFIG, *defaults.OPTIONAL_CONFIG}


def test_namespaces(tmp_path: Path) -> None:
    box = container(tmp_path, "donor")
    containers = FakeContainers(box)
    assert namespace_of("host", containers, "") == "host"
    assert namespace_of("private", containers, "") == "new"
    with pytest.raises(Conflict, match=f"{box.id} sleeps"):
        namespace_of("container:donor", containers, "{0.id} sleeps")
    start(box, 77)
    assert namespace_of("container:donor", containers, "") == 77
