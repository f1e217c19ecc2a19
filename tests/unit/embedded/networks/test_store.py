"""The networks of an engine: look-up, listing, removal, pruning."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from unit.embedded.fakes import FakeContainers, container
from unit.embedded.networks.fakes import FakeHelper, store

from docker_magics.embedded.errors import ApiError, BadParameter, Conflict, Forbidden, NotFound
from docker_magics.embedded.networks import endpoints
from docker_magics.embedded.networks.store import NetworkStore


@pytest.fixture
def containers() -> FakeContainers:
    """The engine's containers."""
    return FakeContainers()


@pytest.fixture
def networks(tmp_path: Path, containers: FakeContainers) -> NetworkStore:
    """A store with two networks of the user's: web and db."""
    networks, _ = store(tmp_path, containers)
    networks.create({"Name": "web", "Labels": {"app": "shop"}})
    networks.create({"Name": "db", "Internal": True})
    return networks


def names(networks: NetworkStore, **filters: list[str]) -> list[str]:
    """Return the names of a listing, sorted."""
    return sorted(network.name for network in networks.find(filters))


def join(folder: Path, containers: FakeContainers, network: str, pid: int = 7) -> None:
    """Add a container on a network; without a PID it does not run."""
    made = container(folder, f"on-{network}", pid=pid)
    made.networks[network] = endpoints.requested({})
    containers.containers.append(made)


def test_networks_survive_a_restart(tmp_path: Path, networks: NetworkStore) -> None:
    again, _ = store(tmp_path, FakeContainers())
    assert {n.id for n in again.all()} == {n.id for n in networks.all()}
    assert names(again) == ["bridge", "db", "host", "none", "web"]
    assert again.get("web").labels == {"app": "shop"}


def test_a_network_is_found_by_id_name_and_prefix(networks: NetworkStore) -> None:
    web = networks.get("web")
    assert networks.get(web.id) is networks.get(web.id[:20]) is web
    assert networks.by_name("web") is web
    assert networks.by_name(web.id) is None
    for text in ("no", "", web.id + "0"):
        with pytest.raises(NotFound, match=f"network {text} not found"):
            networks.get(text)


def test_a_short_prefix_may_be_ambiguous(networks: NetworkStore) -> None:
    for number in range(16):  # 21 IDs begin with 16 digits
        networks.create({"Name": f"n{number}"})
    digits = [network.id[0] for network in networks.all()]
    twice = next(digit for digit in digits if digits.count(digit) > 1)
    message = rf"network {twice} is ambiguous \({digits.count(twice)} matches"
    with pytest.raises(BadParameter, match=message):
        networks.get(twice)


def test_the_newest_network_is_listed_first(networks: NetworkStore) -> None:
    assert [n.name for n in networks.all()][:2] == ["db", "web"]


def test_filters(tmp_path: Path, networks: NetworkStore, containers: FakeContainers) -> None:
    join(tmp_path, containers, "db")
    join(tmp_path, containers, "web", pid=0)
    web = networks.get("web")
    assert names(networks, driver=["null"]) == ["none"]
    assert names(networks, id=[web.id[:20]]) == ["web"]
    assert names(networks, label=["app"]) == names(networks, label=["app=shop"]) == ["web"]
    assert names(networks, label=["app=blog"]) == []
    assert names(networks, name=["^w", "ost"]) == ["host", "web"]
    assert names(networks, scope=["swarm"]) == []
    assert names(networks, scope=["local"], type=["custom"]) == ["db", "web"]
    assert names(networks, type=["builtin"]) == ["bridge", "host", "none"]
    assert names(networks, dangling=["true"]) == ["web"]
    assert names(networks, dangling=["0"]) == ["bridge", "db", "host", "none"]


@pytest.mark.parametrize(
    ("filters", "message"),
    [
        ({"colour": ["blue"]}, "invalid filter 'colour'"),
        ({"type": ["swarm"]}, "invalid filter: 'type'='swarm'"),
        ({"dangling": ["maybe"]}, "invalid value for filter 'dangling'"),
        ({"dangling": ["true", "false"]}, "invalid value for filter 'dangling'"),
    ],
)
def test_filters_that_are_rejected(
    networks: NetworkStore, filters: dict[str, list[str]], message: str
) -> None:
    with pytest.raises(BadParameter, match=message):
        networks.find(filters)


def test_only_one_of_many_requests_creates_a_name(tmp_path: Path) -> None:
    networks, events = store(tmp_path, FakeContainers())
    outcomes: list[str] = []

    def create() -> None:
        try:
            outcomes.append(networks.create({"Name": "net"}).name)
        except Conflict:
            outcomes.append("conflict")

    threads = [threading.Thread(target=create) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["conflict"] * 7 + ["net"]
    assert events.actions("network") == ["create"]


def test_removal_deletes_the_bridge_and_the_record(tmp_path: Path) -> None:
    helper = FakeHelper()
    networks, events = store(tmp_path, FakeContainers(), helper)
    web = networks.create({"Name": "web"})
    networks.remove(web)
    assert helper.requests == [("remove_interface", web.bridge)]
    assert events.events[-1] == ("network", "destroy", web.id, {"name": "web", "type": "bridge"})
    assert not list((tmp_path / "networks").glob(f"{web.id}*"))
    with pytest.raises(NotFound):
        networks.remove(web)
    assert networks.create({"Name": "web"}).subnet == web.subnet


@pytest.mark.parametrize("problem", ["fails", "has ended"])
def test_removal_does_not_depend_on_the_helper(tmp_path: Path, problem: str) -> None:
    helper = FakeHelper()
    helper.failing, helper.pid = "remove_interface", 0 if problem == "has ended" else 9
    networks, _ = store(tmp_path, FakeContainers(), helper)
    networks.remove(networks.create({"Name": "web"}))
    assert names(networks) == ["bridge", "host", "none"]


def test_networks_in_use_are_not_removed(
    tmp_path: Path, networks: NetworkStore, containers: FakeContainers
) -> None:
    join(tmp_path, containers, "web")
    networks.create({"Name": "conf", "ConfigOnly": True})
    networks.create({"Name": "from", "ConfigFrom": {"Network": "conf"}})
    refusals = {
        "bridge": "bridge is a pre-defined network and cannot be removed",
        "web": "network web has active endpoints .name:",
        "conf": 'configuration network "conf" is in use',
    }
    for name, message in refusals.items():
        with pytest.raises(Forbidden, match=message):
            networks.remove(networks.get(name))
    assert names(networks) == ["bridge", "conf", "db", "from", "host", "none", "web"]


def test_prune_keeps_used_networks_and_those_that_the_filters_exclude(
    tmp_path: Path, containers: FakeContainers
) -> None:
    networks, events = store(tmp_path, containers)
    for name, labels in (("a", {}), ("b", {"keep": "1"}), ("c", {"old": ""}), ("used", {})):
        networks.create({"Name": name, "Labels": labels})
    networks.create({"Name": "conf", "ConfigOnly": True})
    join(tmp_path, containers, "used")
    assert networks.prune({"until": ["1h"]}) == {"NetworksDeleted": None}
    assert networks.prune({"label": ["old"]}) == {"NetworksDeleted": ["c"]}
    assert networks.prune({"label!": ["keep"]}) == {"NetworksDeleted": ["a"]}
    assert names(networks, type=["custom"]) == ["b", "conf", "used"]
    assert events.events[-1] == ("network", "prune", "", {"reclaimed": "0"})
    with pytest.raises(BadParameter, match="invalid filter 'name'"):
        networks.prune({"name": ["b"]})


def test_a_container_is_internal_if_all_of_its_networks_are(
    tmp_path: Path, networks: NetworkStore
) -> None:
    web = container(tmp_path)
    assert not networks.is_internal(web)
    web.networks["db"] = endpoints.requested({})
    assert networks.is_internal(web)
    web.networks["web"] = endpoints.requested({})
    assert not networks.is_internal(web)


def test_a_damaged_record_is_reported(tmp_path: Path) -> None:
    store(tmp_path, FakeContainers())
    path = next((tmp_path / "networks").glob("*.json"))
    path.write_text("{")
    with pytest.raises(ApiError, match=f"{path.name} is damaged"):
        store(tmp_path, FakeContainers())
