"""Look-up of containers, their names and events."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from unit.embedded.containers.harness import Harness

from docker_magics.embedded.containers import names
from docker_magics.embedded.errors import BadParameter, Conflict, NotFound


def test_look_up(harness: Harness) -> None:
    web, db = harness.add("web"), harness.add("db")
    for text in ("web", "/web", web.id, web.id[:6]):
        assert harness.store.get(text) is web
    assert harness.store.using_image(db.record["Image"]) != []
    assert harness.store.using_image("sha256:none") == []


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        ("", BadParameter, 'invalid name or ID supplied: ""'),
        ("/", NotFound, "No such container: /"),
        ("gone", NotFound, "No such container: gone"),
        ("..", NotFound, "No such container: .."),
        ("6", BadParameter, "Multiple IDs found with provided prefix: 6"),
    ],
)
def test_failed_look_ups(harness: Harness, text: str, error: type[Exception], message: str) -> None:
    harness.add("aa")  # IDs begin with the names in hexadecimal: 61, 62
    harness.add("bb")
    with pytest.raises(error) as caught:
        harness.store.get(text)
    assert str(caught.value) == message


def test_the_newest_first(harness: Harness) -> None:
    harness.add("old", Created="2020-01-01T00:00:00Z")
    harness.add("new", Created="2021-01-01T00:00:00Z")
    assert [box.name for box in harness.store.all()] == ["new", "old"]


@pytest.mark.parametrize("name", ["a", "-a", "a/b", "a b", "é1", "a\n", "../x", "a" + "\0"])
def test_invalid_names(harness: Harness, name: str) -> None:
    with pytest.raises(BadParameter, match="Invalid container name"):
        harness.store.reserve_name(name, "id")


def test_a_name_can_be_reserved_once(harness: Harness) -> None:
    outcomes: list[str] = []

    def reserve(number: int) -> None:
        try:
            outcomes.append(harness.store.reserve_name("web", f"{number}"))
        except Conflict:
            outcomes.append("taken")

    threads = [threading.Thread(target=reserve, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["taken"] * 7 + ["web"]


def test_discarding_does_not_free_the_name_of_another(harness: Harness) -> None:
    box = harness.add("web")
    harness.store.discard("other-id", "web")
    assert harness.store.get("web") is box
    harness.store.discard(box.id, "web")
    harness.store.discard(box.id, "web")
    assert harness.store.reserve_name("web", "other-id") == "web"


def test_names_are_kept_over_a_start(harness: Harness) -> None:
    box = harness.add("web")
    later = Harness(harness.root)
    assert later.store.get("web").id == box.id
    with pytest.raises(Conflict):
        later.store.reserve_name("web", "id")


def test_generated_names() -> None:
    taken: set[str] = set()
    for _ in range(2000):
        name = names.generate(taken)
        assert name not in taken
        assert "_" in name
        taken.add(name)


def test_all_generated_names_in_use() -> None:
    class Everything:
        def __contains__(self, name: object) -> bool:
            return True

    with pytest.raises(RuntimeError, match="cannot generate a name"):
        names.generate(Everything())


def test_events_carry_labels_image_and_name(harness: Harness) -> None:
    box = harness.add("web", config={"Labels": {"a": "b", "name": "fake"}, "Image": "busybox"})
    harness.events.publish(box, "die", {"exitCode": "3"})
    attributes = {"a": "b", "exitCode": "3", "image": "busybox", "name": "web"}
    assert harness.bus.events == [("container", "die", box.id, attributes)]


def test_events_of_mounted_volumes(harness: Harness, tmp_path: Path) -> None:
    bind = {"Type": "bind", "Source": str(tmp_path), "Destination": "/b", "RW": True}
    volume = {"Type": "volume", "Name": "v", "Destination": "/v", "RW": False, "Propagation": ""}
    box = harness.add(Mounts=[{**bind, "Propagation": "rprivate"}, volume])
    harness.events.publish_mounts(box, mounted=True)
    harness.events.publish_mounts(box, mounted=False)
    common = {"container": box.id, "driver": "local"}
    details = {"destination": "/v", "propagation": "", "read/write": "false"}
    assert harness.bus.events == [
        ("volume", "mount", "v", {**common, **details}),
        ("volume", "unmount", "v", common),
    ]
