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
EXTENSION = Path("docker_magics/labextension")


def test_building_it_again_gives_the_same(tmp_path: Path) -> None:
    try:
        packages = npm.install()
    except npm.NpmUnavailableError as error:
        unavailable(str(error))
    for name in ("package.json", "package-lock.json"):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / "node_modules").symlink_to(packages)
    for folder in (WIDGETS, EXTENSION):
        shutil.copytree(ROOT / folder / "src", tmp_path / folder / "src")
        (tmp_path / folder / "static").mkdir()
    shutil.copy(ROOT / "docker_magics/version.py", tmp_path / "docker_magics")
    subprocess.run(["npm", "run", "build"], cwd=tmp_path, check=True, capture_output=True)
    for file in ("static/bundle.js", "static/LICENSES.txt"):
        assert (tmp_path / WIDGETS / file).read_bytes() == (ROOT / WIDGETS / file).read_bytes()
    manifest = EXTENSION / "package.json"  # it has the hash of the extension
    assert (tmp_path / manifest).read_bytes() == (ROOT / manifest).read_bytes()
