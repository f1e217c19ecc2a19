"""The embedded engine as an address: its folder, and why it cannot start."""

from __future__ import annotations

from pathlib import Path

import pytest

from docker_magics.embedded import background
from docker_magics.engine import embedded
from docker_magics.errors import NoEngine


@pytest.mark.parametrize(
    ("env", "root"),
    [
        ({"HOME": "/home/me"}, "/home/me/.local/share/docker_magics/embedded"),
        ({"HOME": "/"}, "/.local/share/docker_magics/embedded"),
        ({"HOME": "/home/me", "XDG_DATA_HOME": "/data"}, "/data/docker_magics/embedded"),
        ({"HOME": "/home/me", "DOCKER_MAGICS_ROOT": "/내 폴더"}, "/내 폴더"),
    ],
)
def test_the_root_folder(env: dict[str, str], root: str) -> None:
    assert embedded.root(env) == root


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    root = f"{tmp_path}/file/root"
    with pytest.raises(NoEngine) as caught:
        embedded.ensure_running({"DOCKER_MAGICS_ROOT": root})
    line, hint = str(caught.value).splitlines()
    assert line.endswith(f"cannot start the embedded engine in {root}: Not a directory")
    assert hint.startswith("Set DOCKER_MAGICS_ROOT")


def test_a_machine_where_it_cannot_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_root: Path, _socket: Path) -> None:
        raise background.DidNotStart("cannot run containers here: no Landlock")

    monkeypatch.setattr(background, "start", fail)
    with pytest.raises(NoEngine, match="cannot start the embedded engine: cannot run containers"):
        embedded.ensure_running({"DOCKER_MAGICS_ROOT": str(tmp_path)})
