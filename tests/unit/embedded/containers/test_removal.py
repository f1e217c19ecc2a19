"""Removal of containers with their volumes and names."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from unit.embedded.containers.harness import (
    SIGKILL,
    FakeProcess,
    Harness,
    an_exec,
    policy,
    wait_for,
)

from docker_magics.embedded.containers import removal
from docker_magics.embedded.containers.prune import prune_containers
from docker_magics.embedded.errors import BadParameter, Conflict

ACTION = "stop the container before removing or force remove"


def volume(name: str, *, anonymous: bool) -> dict[str, Any]:
    point = {"Type": "volume", "Name": name, "Destination": f"/{name}", "RW": True}
    return {**point, "Propagation": "", "Anonymous": anonymous}


def test_a_stopped_container(harness: Harness) -> None:
    box = harness.add()
    harness.storage.expect(["of a hidden image"])
    harness.removal.remove(box)
    assert box.removed
    assert harness.store.all() == []
    assert list((harness.root / "containers").iterdir()) == []
    assert harness.storage.released == [(box.folder, False)]
    assert harness.images.hidden_dropped == 1
    assert harness.storage.expected == []  # whose layers may be gone now
    assert harness.actions() == ["destroy"]
    harness.add("web")  # the name is free again


@pytest.mark.parametrize(
    ("state", "message"),
    [
        ({"Running": True}, f'cannot remove container "web": container is running: {ACTION}'),
        (
            {"Running": True, "Restarting": True},
            f'cannot remove container "web": container is restarting: {ACTION}',
        ),
        (
            {"Running": True, "Paused": True},
            'cannot remove container "web": container is paused and must be unpaused first',
        ),
        ({"Removing": True}, "removal of container {} is already in progress"),
    ],
)  # fmt: skip
def test_refusals(harness: Harness, state: Any, message: str) -> None:
    box = harness.add()
    box.state.update(state)
    with pytest.raises(Conflict) as caught:
        harness.removal.remove(box)
    assert str(caught.value) == message.format(box.id)
    assert not box.removed


def test_removing_twice_is_an_error(harness: Harness) -> None:
    box = harness.add()
    harness.removal.remove(box)
    with pytest.raises(Conflict, match="already in progress"):
        harness.removal.remove(box, force=True)


def test_force_kills(harness: Harness) -> None:
    box, process = harness.start(host_config=policy("always"))
    harness.removal.remove(box, force=True)
    assert (process.signals, box.removed) == ([SIGKILL], True)
    assert harness.actions() == ["start", "kill", "die", "destroy"]
    assert len(harness.supervisor.specs) == 1  # it was not restarted


def test_force_ends_the_delay_of_a_restart(harness: Harness) -> None:
    box, process = harness.start(host_config=policy("always"))
    box.record["RestartDelay"] = 30.0
    process.exit(1)
    wait_for(lambda: box.state["Restarting"])
    harness.removal.remove(box, force=True)
    assert box.removed
    assert box.restart_now.is_set()
    assert len(harness.supervisor.specs) == 1


def test_removal_wakes_waiting_clients(harness: Harness) -> None:
    box = harness.add()
    results: list[bool] = []
    thread = threading.Thread(target=lambda: results.append(box.wait_for_exit(0, 10)))
    thread.start()
    harness.removal.remove(box)
    thread.join(5)
    assert results == [True]


def test_volumes(harness: Harness) -> None:
    for name in ("mine", "named", "shared"):
        harness.volumes.create(name)
    harness.add("other", Mounts=[volume("shared", anonymous=False)])
    points = [
        volume("mine", anonymous=True),
        volume("named", anonymous=False),
        volume("shared", anonymous=True),
        volume("vanished", anonymous=True),
    ]
    box = harness.add(Mounts=points)
    harness.removal.remove(box, volumes=True)
    assert [volume.name for volume in harness.volumes.all()] == ["named", "shared"]


def test_volumes_are_kept_without_v(harness: Harness) -> None:
    harness.volumes.create("mine")
    harness.removal.remove(harness.add(Mounts=[volume("mine", anonymous=True)]))
    assert harness.volumes.has("mine")


def test_an_exec_that_still_ends_may_write_into_the_layer(harness: Harness) -> None:
    box = harness.add()
    box.execs["a"] = an_exec(FakeProcess())
    harness.removal.remove(box)
    assert harness.storage.released == [(box.folder, True)]


def test_a_process_that_does_not_end_may_write_into_the_layer(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(removal, "KILL_TIMEOUT_S", 0.01)
    process = FakeProcess(ignored=(SIGKILL,))
    harness.supervisor.next_processes.append(process)
    box, _ = harness.start()
    harness.removal.remove(box, force=True)
    assert harness.storage.released == [(box.folder, True)]
    process.exit()


def prune(harness: Harness, **filters: list[str]) -> dict[str, Any]:
    named = {key.replace("_not", "!"): value for key, value in filters.items()}
    return prune_containers(named, harness.store, harness.removal, harness.storage, harness.bus)


def test_prune_removes_what_does_not_run(harness: Harness) -> None:
    stopped = harness.add("stopped")
    (stopped.layer.upper / "file").write_bytes(b"12345")
    running, _ = harness.start("running")
    assert prune(harness) == {"ContainersDeleted": [stopped.id], "SpaceReclaimed": 5}
    assert harness.store.all() == [running]
    assert harness.bus.events[-1] == ("container", "prune", "", {"reclaimed": "5"})
    assert prune(harness) == {"ContainersDeleted": None, "SpaceReclaimed": 0}


def test_filters_of_prune(harness: Harness) -> None:
    old = harness.add("old", Created="2020-01-01T00:00:00Z")
    labelled = harness.add("labelled", config={"Labels": {"keep": "1"}})
    plain = harness.add("plain")
    assert prune(harness, until=["2021-01-01T00:00:00Z"])["ContainersDeleted"] == [old.id]
    assert prune(harness, label_not=["keep"])["ContainersDeleted"] == [plain.id]
    assert prune(harness, label=["keep=2"])["ContainersDeleted"] is None
    assert prune(harness, label=["keep"])["ContainersDeleted"] == [labelled.id]


def test_unknown_filters_of_prune(harness: Harness) -> None:
    harness.add()
    with pytest.raises(BadParameter, match="invalid filter 'colour'"):
        prune(harness, colour=["red"])
    assert len(harness.store.all()) == 1
