"""The capabilities of containers, by --cap-add, --cap-drop and --privileged."""

from __future__ import annotations

import pytest

from docker_magics.embedded import syscalls
from docker_magics.embedded.errors import BadParameter
from docker_magics.embedded.runtime import capabilities
from docker_magics.embedded.runtime.capabilities import DEFAULT, NAMES


@pytest.mark.parametrize(
    ("add", "drop", "expected"),
    [
        ([], [], DEFAULT),
        (["SYS_ADMIN"], [], {*DEFAULT, "SYS_ADMIN"}),
        (["cap_sys_admin", "CAP_BPF"], [], {*DEFAULT, "SYS_ADMIN", "BPF"}),
        ([], ["chown"], DEFAULT - {"CHOWN"}),
        ([], ["ALL"], set()),
        (["KILL"], ["ALL"], {"KILL"}),
        (["ALL"], [], set(NAMES)),
        (["ALL"], ["NET_RAW"], set(NAMES) - {"NET_RAW"}),
        (["CHOWN"], ["CHOWN"], DEFAULT),
    ],
)
def test_selection(add: list[str], drop: list[str], expected: set[str]) -> None:
    selected = capabilities.select(add, drop, privileged=False)
    assert selected == sorted(expected)


def test_a_privileged_container_has_all() -> None:
    assert capabilities.select([], ["ALL"], privileged=True) == list(NAMES)


@pytest.mark.parametrize("name", ["NO_SUCH", "", "CAP_", "sys admin"])
def test_unknown_names_are_rejected(name: str) -> None:
    with pytest.raises(BadParameter, match='unknown capability: "CAP_'):
        capabilities.select([name], [], privileged=False)


def test_all_other_capabilities_are_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    dropped = []

    def prctl(option: int, value: int = 0) -> int:
        if option == syscalls.PR_CAPBSET_READ:
            if value > NAMES.index("AUDIT_READ"):
                raise OSError("unknown to this kernel")
            return 1
        dropped.append(NAMES[value])
        return 0

    monkeypatch.setattr(syscalls, "prctl", prctl)
    capabilities.keep_only(["CHOWN", "KILL"])
    known = NAMES[: NAMES.index("AUDIT_READ") + 1]
    assert dropped == [name for name in known if name not in {"CHOWN", "KILL"}]
