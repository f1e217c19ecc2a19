"""The choice of the runtime driver, with drivers that work or do not."""

from __future__ import annotations

from pathlib import Path

import pytest

from docker_magics.embedded.runtime import (
    id_mapping,
    interpreter,
    namespaces,
    probe,
    proot,
    systrap,
)
from docker_magics.embedded.runtime.id_mapping import IdMapping


class Machine:
    """What works on a machine."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.uid, self.subuids, self.systrap = 1000, False, False
        #: Variables with which proot works.
        self.proot: set[tuple[str, ...]] = set()
        self.working: set[IdMapping] = set()
        self.tried: list[IdMapping] = []
        self.read_only = True
        patch.setattr("os.geteuid", lambda: self.uid)
        patch.setattr(id_mapping, "has_subuids", lambda: self.subuids)
        patch.setattr(interpreter, "is_read_only", lambda: self.read_only)
        patch.setattr(namespaces, "try_mapping", self._try)
        patch.setattr(proot, "try_here", self._try_proot)
        patch.setattr(systrap, "try_here", lambda _root: None if self.systrap else "no Landlock")
        patch.setattr(proot, "_has_seccomp_filter", lambda: True)
        patch.delenv(probe.DRIVER_VARIABLE, raising=False)

    def _try(self, mapping: IdMapping, _root: Path) -> str | None:
        self.tried.append(mapping)
        return None if mapping in self.working else "forbidden"

    def _try_proot(self, _root: Path, environment: tuple[str, ...]) -> str | None:
        return None if environment in self.proot else "it exits with 182"


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    """Return a machine on which nothing works."""
    return Machine(monkeypatch)


def test_root(machine: Machine, tmp_path: Path) -> None:
    machine.uid, machine.working = 0, {*IdMapping}
    driver = probe.choose(tmp_path)
    assert (driver.name, driver.id_mapping) == ("namespaces", IdMapping.ROOT)
    assert driver.warnings == ()


@pytest.mark.parametrize("mapping", [IdMapping.SUBUID, IdMapping.SINGLE])
def test_an_ordinary_user(machine: Machine, tmp_path: Path, mapping: IdMapping) -> None:
    machine.subuids, machine.working = True, {mapping}
    driver = probe.choose(tmp_path)
    assert (driver.name, driver.id_mapping) == ("namespaces", mapping)
    assert driver.warnings, "docker info says what containers cannot have"
    assert machine.tried[0] is IdMapping.SUBUID, "the best one is tried first"


def test_without_ranges_they_are_not_tried(machine: Machine, tmp_path: Path) -> None:
    machine.working = {*IdMapping}
    assert probe.choose(tmp_path).id_mapping is IdMapping.SINGLE
    assert machine.tried == [IdMapping.SINGLE]


def test_namespaces_are_not_chosen_while_containers_can_change_the_interpreter(
    machine: Machine, tmp_path: Path
) -> None:
    machine.working, machine.read_only = {*IdMapping}, False
    with pytest.raises(probe.NoDriver, match="from a read-only mount"):
        probe.choose(tmp_path)


@pytest.mark.parametrize("environment", [(), (proot.WITHOUT_FILTER,)])
def test_proot_is_the_last_resort(
    machine: Machine, tmp_path: Path, environment: tuple[str, ...]
) -> None:
    machine.proot = {environment}
    driver = probe.choose(tmp_path)
    assert isinstance(driver, proot.ProotDriver)
    assert driver.environment == environment
    warning = "WARNING: proot is slow, but better ones do not run (systrap: no Landlock)"
    assert warning in driver.warnings
    assert machine.tried == [IdMapping.SINGLE]


def test_systrap_is_chosen_without_namespaces(machine: Machine, tmp_path: Path) -> None:
    machine.proot, machine.systrap = {()}, True
    assert probe.choose(tmp_path).name == "systrap"


def test_nothing_works(machine: Machine, tmp_path: Path) -> None:
    machine.subuids = True
    with pytest.raises(probe.NoDriver) as caught:
        probe.choose(tmp_path)
    assert str(caught.value) == (
        "cannot run containers here: subuid: forbidden; single: forbidden;"
        " systrap: no Landlock; proot: it exits with 182"
    )


def test_the_environment_overrides(
    machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine.working, machine.proot = {*IdMapping}, {()}
    monkeypatch.setenv(probe.DRIVER_VARIABLE, "proot")
    assert probe.choose(tmp_path).name == "proot"
    machine.proot = set()
    with pytest.raises(probe.NoDriver, match="here: proot: it exits with 182"):
        probe.choose(tmp_path)
    monkeypatch.setenv(probe.DRIVER_VARIABLE, "docker")
    with pytest.raises(
        probe.NoDriver, match="DRIVER=docker: expected namespaces or systrap or proot"
    ):
        probe.choose(tmp_path)


def test_fake_ownership() -> None:
    fakes = {mapping for mapping in IdMapping if mapping.fakes_ownership}
    assert fakes == {IdMapping.SINGLE, IdMapping.NONE}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("someone:1:2\nme:100000:65536\n", (100000, 65536)),
        ("1000:5:6\n", (5, 6)),
        ("me:x:6\nme:7\n# a comment\n", None),
        ("", None),
    ],
)
def test_ranges_of_subordinate_ids(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    text: str,
    expected: tuple[int, int] | None,
) -> None:
    monkeypatch.setattr("os.getuid", lambda: 1000)
    user = type("User", (), {"pw_name": "me"})
    monkeypatch.setattr("pwd.getpwuid", lambda _uid: user)
    (tmp_path / "subuid").write_text(text)
    assert id_mapping._range(str(tmp_path / "subuid")) == expected  # noqa: SLF001
    assert id_mapping._range(str(tmp_path / "missing")) is None  # noqa: SLF001
