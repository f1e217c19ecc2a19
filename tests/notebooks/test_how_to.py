"""The code blocks of docs/how-to.md, in their order, in one shell on each engine."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from IPython.core.interactiveshell import InteractiveShell

ROOT = Path(__file__).parent.parent.parent
#: The language of each block, "" for cells, and its text.
FENCED = re.findall(
    r"^```(\w*)\n(.*?)^```", (ROOT / "docs/how-to.md").read_text(), re.MULTILINE | re.DOTALL
)
BLOCKS = [text for language, text in FENCED if not language]


@pytest.fixture
def shell(
    engine: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[InteractiveShell]:
    """A shell in a folder with a test, with the containers that the page speaks of."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DOCKER_HOST", engine)
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path / "config"))
    programs = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    monkeypatch.setenv("PATH", programs)
    monkeypatch.setattr("getpass.getpass", lambda: "secret")
    monkeypatch.setattr("builtins.input", lambda _: "y")
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests/test_engine.py").write_text(
        "import os\ndef test_engine(): assert os.environ['DOCKER_HOST']\n"
    )
    shell = InteractiveShell()
    run(shell, "%load_ext docker_magics")
    run(shell, "%docker run -d --name web busybox sh -c 'echo started; exec httpd -f'")
    run(shell, "%docker run --name ended busybox true")
    yield shell
    run(shell, "%docker rm -f web")
    run(shell, "%docker session stop")
    run(shell, "%unload_ext docker_magics")


def run(shell: InteractiveShell, cell: str) -> None:
    shell.run_cell(cell).raise_error()


def test_every_block_runs(shell: InteractiveShell) -> None:
    assert BLOCKS
    for block in BLOCKS:
        if "ssh://" in block:
            continue  # tests/engine/test_remote_engines.py
        if "session" in block:
            run(shell, "%docker rm -f web")
        run(shell, block)
        assert shell.user_ns["_exit_code"] == 0, block
    assert shell.user_ns["logs"] == "started"
    assert list(shell.user_ns["stopped"]["NAMES"]) == ["ended"]
