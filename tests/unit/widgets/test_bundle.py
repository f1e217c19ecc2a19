"""The front end's bundle is the one that its sources make."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from pathlib import Path

from conftest import unavailable

import docker_magics
from tools import debian

ROOT = Path(docker_magics.__file__).parent.parent
WIDGETS = Path("docker_magics/widgets")
SOURCES = ROOT / WIDGETS / "src"
BUNDLE = ROOT / WIDGETS / "static" / "bundle.js"


def hash_of_sources() -> str:
    """As src/build.mjs makes it."""
    found = hashlib.sha256()
    for path in sorted(SOURCES.iterdir()):
        found.update(f"{path.name}\n".encode() + path.read_bytes())
    found.update((ROOT / "package-lock.json").read_bytes())
    return found.hexdigest()


def test_the_bundle_is_not_stale() -> None:
    first_line = BUNDLE.read_text(encoding="utf-8").splitlines()[0]
    assert first_line == f"// sources: {hash_of_sources()}", "run `make bundle`"


def test_building_it_again_gives_the_same(tmp_path: Path) -> None:
    if packages := debian.missing("bundle"):
        unavailable(f"npm is needed: {debian.install_command(packages)}")
    for name in ("package.json", "package-lock.json", ".npmrc"):
        shutil.copy(ROOT / name, tmp_path)
    shutil.copytree(SOURCES, tmp_path / WIDGETS / "src")
    try:
        npm("ci", "--no-audit", "--no-fund", cwd=tmp_path)
    except subprocess.CalledProcessError as error:
        unavailable(f"the front end's packages are needed: {error.stderr}")
    npm("run", "build", cwd=tmp_path)
    assert (tmp_path / WIDGETS / "static" / "bundle.js").read_bytes() == BUNDLE.read_bytes()


def npm(*words: str, cwd: Path) -> None:
    subprocess.run(["npm", *words], cwd=cwd, check=True, capture_output=True, text=True)
