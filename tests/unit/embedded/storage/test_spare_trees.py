"""Spare roots: made ahead, recycled, kept by the next engine; bounded; never of removed layers."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from unit.embedded.storage.test_layers import writable

from docker_magics.embedded.storage import renewal, shared_tree, spare_trees
from docker_magics.embedded.storage.copy import CopyDriver
from docker_magics.embedded.storage.driver import WritableLayer
from docker_magics.embedded.storage.spare_trees import SpareTrees


class Engine:
    """A copy driver with spares, as an engine has it."""

    def __init__(self, root: Path) -> None:
        self._root = root
        for name in ("spares", "cache", "r", "containers"):
            (root / name).mkdir(exist_ok=True, parents=True)
        folders = [root / name for name in ("cache", "r", "containers")]
        self.spares = SpareTrees(root / "spares")
        self.driver = CopyDriver(*folders, self.spares)

    def layer(self, name: str, layers: list[Path]) -> WritableLayer:
        """Return a new container's."""
        return writable(self._root / "containers" / name, layers)

    def run(self, name: str, layers: list[Path]) -> int:
        """Make and release a root; return the inode of its /usr."""
        layer = self.layer(name, layers)
        root = Path(self.driver.prepare(layer)["merged"])
        inode = (root / "usr").stat().st_ino
        self.driver.release(layer)
        return inode

    def wait(self, count: int) -> None:
        """Wait until there are so many spares, and nothing else in their folder."""
        until(lambda: [path.name for path in self.ready()] == [spare_trees.READY] * count)
        until(lambda: len(list((self._root / "spares").iterdir())) == count)

    def ready(self) -> list[Path]:
        """Return the marks of spares."""
        return list((self._root / "spares").glob("*/ready"))


def until(is_true: Callable[[], bool]) -> None:
    """Wait until a condition holds."""
    for _ in range(3000):
        if is_true():
            return
        time.sleep(0.01)
    raise AssertionError("it does not happen")


@pytest.fixture
def layers(tmp_path: Path) -> list[Path]:
    """One layer."""
    (tmp_path / "layer/usr/bin").mkdir(parents=True)
    (tmp_path / "layer/usr/bin/a").write_text("a")
    (tmp_path / "layer/etc").mkdir()
    (tmp_path / "layer/etc/passwd").write_text("root")
    return [tmp_path / "layer"]


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    """An engine without containers."""
    return Engine(tmp_path / "engine")


def test_a_released_root_is_the_next_container_s(engine: Engine, layers: list[Path]) -> None:
    first = engine.layer("1", layers)
    root = Path(engine.driver.prepare(first)["merged"])
    (root / "etc/passwd").write_text("mine")
    (root / "usr/new").write_text("mine")
    inode = (root / "usr").stat().st_ino
    engine.driver.release(first)
    assert not root.parent.exists()
    root = Path(engine.driver.prepare(engine.layer("2", layers))["merged"])
    assert (root / "usr").stat().st_ino == inode
    assert (root / "etc/passwd").read_text() == "root"
    assert [path.name for path in (root / "usr").iterdir()] == ["bin"]
    assert sorted(path.name for path in root.parent.iterdir()) == ["copied", "m", "shared"]


def test_one_is_made_ahead_and_another_when_it_is_taken(
    engine: Engine, layers: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spare_trees, "_PAUSE_S", 0.05)
    names = [str(layer) for layer in layers]
    engine.driver.expect(names)
    engine.driver.expect(names)
    engine.wait(1)
    monkeypatch.setattr(shared_tree, "make", None)
    engine.driver.prepare(engine.layer("1", layers))
    engine.wait(1)


def test_the_next_engine_uses_them(tmp_path: Path, engine: Engine, layers: list[Path]) -> None:
    inode = engine.run("1", layers)
    engine.wait(1)
    (tmp_path / "engine/spares/unfinished/m").mkdir(parents=True)
    later = Engine(tmp_path / "engine")
    later.driver.forget()  # as when it starts
    assert later.run("2", layers) == inode
    later.wait(1)


def test_there_are_few(engine: Engine, layers: list[Path]) -> None:
    boxes = [engine.layer(str(number), layers) for number in range(spare_trees.MAX_SPARES + 2)]
    for box in boxes:
        engine.driver.prepare(box)
    for box in boxes:
        engine.driver.release(box)
    engine.wait(spare_trees.MAX_SPARES)


def test_the_oldest_makes_room(tmp_path: Path, engine: Engine, layers: list[Path]) -> None:
    inode = engine.run("first", layers)
    engine.wait(1)
    for number in range(spare_trees.MAX_SPARES):
        shutil.copytree(layers[0], tmp_path / str(number))
        engine.run(str(number), [tmp_path / str(number)])
    engine.wait(spare_trees.MAX_SPARES)
    root = Path(engine.driver.prepare(engine.layer("last", layers))["merged"])
    assert (root / "usr").stat().st_ino != inode


def test_those_of_removed_layers_are_removed(engine: Engine, layers: list[Path]) -> None:
    engine.run("1", layers)
    engine.wait(1)
    shutil.rmtree(layers[0])
    engine.driver.forget()
    engine.wait(0)


def test_the_next_engine_removes_those_of_removed_layers(
    tmp_path: Path, engine: Engine, layers: list[Path]
) -> None:
    engine.run("1", layers)
    engine.wait(1)
    shutil.rmtree(layers[0])
    later = Engine(tmp_path / "engine")
    later.driver.forget()
    later.wait(0)


def test_layers_that_are_removed_meanwhile(
    engine: Engine, layers: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    def renew(*_: object) -> None:
        shutil.rmtree(layers[0])

    monkeypatch.setattr(renewal, "renew", renew)
    engine.run("1", layers)
    engine.wait(0)


def test_no_container_waits_long_for_a_root_that_is_made_over(
    engine: Engine, layers: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, end = threading.Event(), threading.Event()

    def renew(*_: object) -> None:
        begun.set()
        end.wait()

    monkeypatch.setattr(renewal, "renew", renew)
    monkeypatch.setattr(spare_trees, "_PATIENCE_S", 0.05)
    inode = engine.run("1", layers)
    begun.wait()
    root = Path(engine.driver.prepare(engine.layer("2", layers))["merged"])
    end.set()
    assert (root / "usr").stat().st_ino != inode


def test_a_layer_of_the_same_path_is_another(engine: Engine, layers: list[Path]) -> None:
    inode = engine.run("1", layers)
    engine.wait(1)
    layers[0].rename(layers[0].with_name("old"))
    shutil.copytree(layers[0].with_name("old"), layers[0])
    root = Path(engine.driver.prepare(engine.layer("2", layers))["merged"])
    assert (root / "usr").stat().st_ino != inode
    assert (root / "usr/bin/a").samefile(layers[0] / "usr/bin/a")


def test_a_root_in_use_is_removed(engine: Engine, layers: list[Path]) -> None:
    layer = engine.layer("1", layers)
    engine.driver.prepare(layer)
    engine.driver.release(layer, in_use=True)
    engine.wait(0)


def test_on_a_full_disk_there_are_none(
    engine: Engine, layers: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spare_trees, "_ROOM", 1 << 62)
    engine.run("1", layers)
    engine.wait(0)


def test_many_of_one_image_do_not_evict_another_s(
    tmp_path: Path, engine: Engine, layers: list[Path]
) -> None:
    inode = engine.run("first", layers)
    engine.wait(1)
    shutil.copytree(layers[0], tmp_path / "other")
    boxes = [
        engine.layer(str(number), [tmp_path / "other"])
        for number in range(spare_trees.MAX_SPARES + 1)
    ]
    for box in boxes:
        engine.driver.prepare(box)
    for box in boxes:
        engine.driver.release(box)
    engine.wait(spare_trees.MAX_SPARES)
    assert engine.run("last", layers) == inode


def test_more_are_made_ahead_when_containers_find_none(
    engine: Engine, layers: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spare_trees, "_PAUSE_S", 0.05)
    engine.driver.expect([str(layer) for layer in layers])
    engine.wait(1)
    with monkeypatch.context() as patch:
        patch.setattr(spare_trees, "_ROOM", 1 << 62)
        for number in range(spare_trees.MAX_AHEAD + 2):
            engine.driver.prepare(engine.layer(str(number), layers))
    engine.driver.expect([str(layer) for layer in layers])
    engine.wait(spare_trees.MAX_AHEAD)


def test_no_more_containers_wait_than_roots_are_made_over(
    engine: Engine, layers: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, end = threading.Event(), threading.Event()

    def renew(_: Path, target: Path, names: list[str]) -> None:
        begun.set()
        end.wait()
        shared_tree.make(names, target)

    monkeypatch.setattr(renewal, "renew", renew)
    monkeypatch.setattr(spare_trees, "_PATIENCE_S", 100)
    engine.run("1", layers)
    begun.wait()
    boxes = [engine.layer(name, layers) for name in ("2", "3")]
    waiting = [threading.Thread(target=engine.driver.prepare, args=(box,)) for box in boxes]
    for thread in waiting:
        thread.start()
    until(lambda: sum(thread.is_alive() for thread in waiting) == 1)
    end.set()
    for thread in waiting:
        thread.join()


def test_roots_of_a_build_s_steps_make_room_first(
    tmp_path: Path, engine: Engine, layers: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spare_trees, "_PAUSE_S", 0.05)
    engine.driver.expect([str(layer) for layer in layers])
    engine.wait(1)
    [ready] = engine.ready()
    for number in range(spare_trees.MAX_SPARES):
        shutil.copytree(layers[0], tmp_path / str(number))
        engine.run(str(number), [tmp_path / str(number)])
    engine.wait(spare_trees.MAX_SPARES)
    assert ready.exists()


def test_a_spare_that_cannot_be_moved_is_removed(
    tmp_path: Path, engine: Engine, layers: list[Path]
) -> None:
    engine.run("1", layers)
    engine.wait(1)
    (tmp_path / "engine/r/2/m").mkdir(parents=True)
    assert not engine.spares.take([str(layer) for layer in layers], tmp_path / "engine/r/2")
    engine.wait(0)


def test_the_spares_of_an_earlier_burst_make_room_for_a_later_one_s(
    tmp_path: Path, engine: Engine, layers: list[Path]
) -> None:
    shutil.copytree(layers[0], tmp_path / "other")
    for number, names in enumerate((layers, [tmp_path / "other"])):
        boxes = [
            engine.layer(f"{number}-{box}", names) for box in range(spare_trees.MAX_SPARES - 1)
        ]
        for box in boxes:
            engine.driver.prepare(box)
        for box in boxes:
            engine.driver.release(box)
        until(lambda: not list((tmp_path / "engine/r").iterdir()))
    engine.wait(spare_trees.MAX_SPARES)
    first = [ready for ready in engine.ready() if str(layers[0]) in ready.read_text()]
    assert len(first) == 1


def test_a_spare_whose_mark_cannot_be_written_is_removed(
    engine: Engine, layers: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = threading.Event()

    def fail(*_: object) -> None:
        tried.set()
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(spare_trees, "write_json", fail)
    engine.run("1", layers)
    assert tried.wait(60)
    engine.wait(0)
    monkeypatch.undo()
    engine.run("2", layers)
    engine.wait(1)


def test_a_root_that_cannot_be_moved_leaves_nothing(tmp_path: Path, engine: Engine) -> None:
    with pytest.raises(FileNotFoundError):
        engine.spares.remove(tmp_path / "gone")
    engine.wait(0)
