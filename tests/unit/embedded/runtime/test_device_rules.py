"""Rules of devices: their text, version 1's files, and version 2's program."""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import cast

import pytest

from docker_magics.embedded.runtime import device_filter, device_rules
from docker_magics.embedded.runtime.cgroup import Cgroups
from docker_magics.embedded.runtime.cgroup_limits import Resources
from docker_magics.embedded.runtime.device_rules import DeviceRule, parse

#: Of a container without limits.
RESOURCES = cast(
    "Resources",
    {
        "CpuShares": 0,
        "Memory": 0,
        "MemorySwap": 0,
        "MemoryReservation": 0,
        "NanoCpus": 0,
        "CpuQuota": 0,
        "CpuPeriod": 0,
        "PidsLimit": 0,
    },
)
READ, WRITE, MKNOD = 2, 4, 1
BLOCK, CHARACTER = 1, 2


def rules(*texts: str) -> list[DeviceRule]:
    """Return the rules of texts."""
    return [rule for text in texts for rule in parse(text)]


@pytest.mark.parametrize("text", ["c 1:3 rwm", "b *:* m", "c 136:* rw", "b 8:0 r"])
def test_a_rule_is_written_as_it_was_read(text: str) -> None:
    assert [str(rule) for rule in parse(text)] == [text]


def test_a_stands_for_both_kinds() -> None:
    assert [str(rule) for rule in parse("a 7:* r")] == ["b 7:* r", "c 7:* r"]


@pytest.mark.parametrize(
    "text",
    ["", "x 1:3 rwm", "c 1 rwm", "c 1:3", "c 1:3 x", "c 1:3 rwmr", "c -1:3 r", "c 1:3 r\n", "a"],
)
def test_other_forms_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="invalid device cgroup rule format"):
        parse(text)


def written(patch: pytest.MonkeyPatch, refused: str = "") -> list[str]:
    """Record what is written to files, and refuse one text."""
    lines: list[str] = []

    def write(path: Path, text: str) -> None:
        lines.append(f"{path.name} {text}")
        if text == refused:
            raise PermissionError

    patch.setattr(Path, "write_text", write)
    return lines


def test_version_1_denies_all_and_allows_what_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = written(monkeypatch)
    device_rules.apply(Path("/group"), rules("c 10:229 r", "a 7:* m"))
    assert lines == [
        "devices.deny a", "devices.allow c 10:229 r", "devices.allow b 7:* m",
        "devices.allow c 7:* m",
    ]  # fmt: skip


def test_version_1_in_a_sandbox_without_some_devices(monkeypatch: pytest.MonkeyPatch) -> None:
    written(monkeypatch, "c 5:1 rwm")
    device_rules.apply(Path("/group"), device_rules.DEFAULT)
    written(monkeypatch, "c 10:229 r")
    with pytest.raises(PermissionError):
        device_rules.apply(Path("/group"), rules("c 10:229 r"))


class Machine:
    """Executes the BPF instructions that the program uses. source: RFC 9669."""

    def __init__(self, program: bytes) -> None:
        assert len(program) % 8 == 0
        self._code = [struct.unpack_from("=BBhI", program, at) for at in range(0, len(program), 8)]

    def run(self, kind: int, access: int, major: int, minor: int) -> int:
        """Return the program's result for an access to a device."""
        context = struct.pack("=III", access << 16 | kind, major, minor)
        registers = [0] * 11
        at = 0
        for _ in range(len(self._code) + 1):
            operation, numbers, offset, value = self._code[at]
            target, source = numbers & 15, numbers >> 4
            at += 1
            match operation:
                case 0x61:
                    assert source == 1, "the context"
                    (registers[target],) = struct.unpack_from("=I", context, offset)
                case 0xBF:
                    registers[target] = registers[source]
                case 0xB7:
                    registers[target] = value
                case 0x57:
                    registers[target] &= value
                case 0x77:
                    registers[target] >>= value
                case 0x55:
                    at += offset if registers[target] != value else 0
                case 0x45:
                    at += offset if registers[target] & value else 0
                case 0x95:
                    return registers[0]
                case _:
                    raise AssertionError(f"unknown operation {operation:#x}")
        raise AssertionError("no end")


def is_allowed(given: list[DeviceRule], kind: int, access: int, major: int, minor: int) -> bool:
    """Whether rules allow an access, by their definition."""
    devices: dict[tuple[str, int | None, int | None], str] = {}
    for rule in given:
        devices[rule[:3]] = devices.get(rule[:3], "") + rule.access
    wanted = {letter for letter, bit in (("r", READ), ("w", WRITE), ("m", MKNOD)) if access & bit}
    return any(
        rule_kind == {BLOCK: "b", CHARACTER: "c"}[kind]
        and rule_major in {None, major}
        and rule_minor in {None, minor}
        and wanted <= set(letters)
        for (rule_kind, rule_major, rule_minor), letters in devices.items()
    )


def accesses() -> Iterator[tuple[int, int, int, int]]:
    """Yield kind, access, major and minor of many accesses."""
    majors, minors = (0, 1, 5, 7, 10, 136, 4294967295), (0, 1, 2, 3, 9, 229, 1048575)
    yield from product((BLOCK, CHARACTER), range(1, 8), majors, minors)


@pytest.mark.parametrize(
    "given",
    [
        [],
        [*device_rules.DEFAULT],
        [*device_rules.DEFAULT, *parse("c 10:229 r")],
        rules("c 10:229 r", "c 10:229 w", "b 7:* rwm", "a 1:* r"),
        rules("a *:* rwm"),
        rules("b *:3 w", "c 4294967295:1048575 m"),
    ],
    ids=["none", "default", "a device", "several", "all", "numbers"],
)
def test_the_program_of_version_2_allows_what_the_rules_do(given: list[DeviceRule]) -> None:
    machine = Machine(device_filter.program(given))
    for access in accesses():
        assert machine.run(*access) == is_allowed(given, *access), access


def test_the_program_of_no_rules_is_small() -> None:
    assert device_filter.program([]).hex() == (
        "6112000000000000" "bf23000000000000" "57020000ffff0000" "7703000010000000"
        "6114040000000000" "6115080000000000" "b700000000000000" "9500000000000000"
    )  # fmt: skip


@pytest.fixture
def group() -> Iterator[Path]:
    """A control group of version 2 in which this process may load programs."""
    base = Path("/sys/fs/cgroup")
    mounts = [base, base / "unified"]
    version_2 = next((path for path in mounts if (path / "cgroup.procs").exists()), None)
    if os.geteuid() != 0 or version_2 is None or not (version_2 / "cgroup.type").parent.exists():
        pytest.skip("root and a mount of control groups of version 2 are needed")
    folder = version_2 / f"docker_magics-test-{os.getpid()}"
    try:
        folder.mkdir()
        device_filter.attach(folder, rules("c 1:3 r", "c 1:5 rw", "a *:* m"))
    except OSError as error:
        pytest.skip(f"the kernel must let this process attach BPF programs: {error}")
    yield folder
    folder.rmdir()


def can_open(group: Path, path: str, flags: int) -> bool:
    """Whether a process in a group can open a file."""
    pid = os.fork()
    if pid == 0:
        try:
            (group / "cgroup.procs").write_text("0")
            os.open(path, flags)
        except PermissionError:
            os._exit(1)
        os._exit(0)
    return os.waitpid(pid, 0)[1] == 0


def test_the_kernel_executes_the_program(group: Path, tmp_path: Path) -> None:
    assert can_open(group, "/dev/null", os.O_RDONLY)
    assert not can_open(group, "/dev/null", os.O_RDWR)
    assert can_open(group, "/dev/zero", os.O_RDWR)
    assert not can_open(group, "/dev/full", os.O_RDONLY)
    (tmp_path / "file").touch()
    assert can_open(group, str(tmp_path / "file"), os.O_RDWR)


@pytest.mark.parametrize("version", [1, 2])
def test_devices_are_limited_where_a_controller_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: int
) -> None:
    given: list[Path] = []

    def limit(folder: Path, _rules: object) -> None:
        given.append(folder)

    monkeypatch.setattr(device_rules, "apply", limit)
    monkeypatch.setattr(device_filter, "attach", limit)
    names = ("memory", "devices", *(["cpuacct"] if version == 1 else []))
    bases = {name: tmp_path / (name if version == 1 else "") for name in names}
    for base in bases.values():
        base.mkdir(exist_ok=True)
    groups = Cgroups(bases, creates_devices=True)
    assert not groups.leaves_devices_open
    groups.create("c", RESOURCES, device_rules.DEFAULT)
    groups.create("privileged", RESOURCES, None)
    assert given == [bases["devices"] / "docker_magics-c"]


def test_devices_are_open_where_no_controller_limits_those_of_root() -> None:
    assert Cgroups({}, creates_devices=True).leaves_devices_open
    assert not Cgroups({}, creates_devices=False).leaves_devices_open
