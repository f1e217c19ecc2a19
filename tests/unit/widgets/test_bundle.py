"""The front end's bundle is built from the current sources."""

from __future__ import annotations

import hashlib
from pathlib import Path

import docker_magics

ROOT = Path(docker_magics.__file__).parent.parent
WIDGETS = Path("docker_magics/widgets")
SOURCES = ROOT / WIDGETS / "src"
BUNDLE = ROOT / WIDGETS / "static" / "bundle.js"


def hash_of_sources() -> str:
    """Return the hash that src/build.mjs writes."""
    digest = hashlib.sha256()
    for path in sorted(SOURCES.iterdir()):
        digest.update(f"{path.name}\n".encode() + path.read_bytes())
    digest.update((ROOT / "package-lock.json").read_bytes())
    return digest.hexdigest()


def test_the_bundle_is_not_stale() -> None:
    first_line = BUNDLE.read_text(encoding="utf-8").splitlines()[0]
    assert first_line == f"// sources: {hash_of_sources()}", "run `make bundle`"
