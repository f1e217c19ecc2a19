"""The front end's bundle is the one that its sources make."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from pathlib import Path

import pytest

import docker_magics

ROOT = Path(docker_magics.__file__).parent.parent
WIDGETS = ROOT / "docker_magics" / "widgets"
BUNDLE = WIDGETS / "static" / "bundle.js"


def hash_of_sources() -> str:
    """As src/build.mjs makes it."""
    found = hashlib.sha256()
    for path in sorted((WIDGETS / "src").iterdir()):
        found.update(f"{path.name}\n".encode() + path.read_bytes())
    found.update((ROOT / "package-lock.json").read_bytes())
    return found.hexdigest()


def test_the_bundle_is_not_stale() -> None:
    first_line = BUNDLE.read_text(encoding="utf-8").splitlines()[0]
    assert first_line == f"// sources: {hash_of_sources()}", "run `make bundle`"


@pytest.mark.skipif(
    not (shutil.which("node") and (ROOT / "node_modules").exists()),
    reason="node and its packages (`make bundle`) are not here",
)
def test_building_it_again_gives_the_same() -> None:
    before = BUNDLE.read_bytes()
    try:
        subprocess.run(["node", WIDGETS / "src" / "build.mjs"], cwd=ROOT, check=True)
        assert BUNDLE.read_bytes() == before
    finally:
        BUNDLE.write_bytes(before)
