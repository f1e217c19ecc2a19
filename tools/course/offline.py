"""Pack the whole course in one archive, for laptops without internet.

It has the notebooks, docker_magics and JupyterLab as wheels, the images, and a script that
installs and opens them. Wheels are for the system, the processor and the Python that pack them.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

from tools import release
from tools.course import archive, site

ROOT = Path(__file__).parent.parent.parent
START = Path(__file__).parent / "start"
#: docker_magics' requirements, JupyterLab and Docker Compose.
_REQUIREMENTS = ROOT / "requirements/binder.txt"


def pack(host: str, target: Path) -> None:
    """Write the archive: a tar with the folder `course`.

    Args:
        host: the address of an engine that has the images.
        target: the file to write.

    Raises:
        CalledProcessError: a package cannot be downloaded.
    """
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary, "course")
        for notebook in site.course():
            copy = folder / notebook.relative_to(site.NOTEBOOKS.parent)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(notebook, copy)
        shutil.copy2(START, folder)
        collect_wheels(folder / "wheels")
        archive.save(host, folder / "images.tar.gz")
        target.parent.mkdir(parents=True, exist_ok=True)
        with tarfile.open(target, "w") as made:
            made.add(folder, "course")
    print(f"Packed the course into {target} ({target.stat().st_size / 1e6:.0f} MB).")
    print(f"On each laptop: tar -xf {target.name} && course/{START.name}")


def collect_wheels(folder: Path) -> None:
    """Write the wheels of docker_magics and of all that it needs.

    Raises:
        CalledProcessError: a package cannot be downloaded.
    """
    pip = (sys.executable, "-m", "pip", "wheel", "--quiet", "--disable-pip-version-check")
    options = ("--require-hashes", "--wheel-dir", folder, "--requirement", _REQUIREMENTS)
    subprocess.run([*pip, *options], check=True)
    with tempfile.TemporaryDirectory() as dist:
        _, wheel = release.build(Path(dist))
        shutil.copy2(wheel, folder)
