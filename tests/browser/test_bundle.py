"""The front end's bundle is reproducible; unit tests compare a hash alone: builds take seconds."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from conftest import unavailable

import docker_magics
from tools import npm

ROOT = Path(docker_magics.__file__).parent.parent
WIDGETS = Path("docker_magics/widgets")
SOURCES = ROOT / WIDGETS / "src"
BUNDLE = ROOT / WIDGETS / "static" / "bundle.js"


def test_building_it_again_gives_the_same(tmp_path: Path) -> None:
    try:
        packages = npm.install()
    except npm.NpmUnavailableError as error:
        unavailable(str(error))
    for name in ("package.json", "package-lock.json"):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / "node_modules").symlink_to(packages)
    shutil.copytree(SOURCES, tmp_path / WIDGETS / "src")
    subprocess.run(["npm", "run", "build"], cwd=tmp_path, check=True, capture_output=True)
    for path in (BUNDLE, BUNDLE.with_name("LICENSES.txt")):
        assert (tmp_path / WIDGETS / "static" / path.name).read_bytes() == path.read_bytes()
