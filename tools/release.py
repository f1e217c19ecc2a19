"""`make release-check`: build the release's archives in build/dist, and try the wheel.

The archives are built twice and compared. The wheel is installed in an empty virtual environment,
in which a notebook's first lines run.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterable
from pathlib import Path

from tools.uv import uv

ROOT = Path(__file__).parent.parent
DIST = ROOT / "build/dist"
#: What a wheel must have beside Python files.
REQUIRED = (
    "docker_magics/py.typed",
    "docker_magics/explain/ko.json",
    "docker_magics/widgets/src/shim.js",
    "docker_magics/widgets/static/bundle.js",
    "docker_magics/embedded/runtime/docker_init.x86_64",
    "docker_magics/embedded/runtime/systrap.x86_64",
)
LICENSES = ("LICENSE", "docker_magics/widgets/static/LICENSES.txt")
_SMOKE = """
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
shell.run_line_magic("load_ext", "docker_magics")
shell.run_line_magic("docker", "--version")
from docker_magics.widgets import console, dashboard
assert "docker container run" in str(shell.run_line_magic("docker", "explain run -d nginx"))
"""


class ReleaseError(Exception):
    """The archives cannot be released; the message says why."""


def build(folder: Path) -> tuple[Path, Path]:
    """Build the source archive, and from it the wheel; return both.

    Raises:
        CalledProcessError: the build failed.
    """
    shutil.rmtree(folder, ignore_errors=True)
    uv("build", "--no-build-isolation", "--python", sys.executable, "--out-dir", folder, ROOT)
    [source], [wheel] = folder.glob("*.tar.gz"), folder.glob("*.whl")
    return source, wheel


def compare(archives: Iterable[Path], again: Iterable[Path]) -> None:
    """Check that two builds have the same bytes.

    Raises:
        ReleaseError: they differ.
    """
    for first, second in zip(archives, again, strict=True):
        if first.read_bytes() != second.read_bytes():
            raise ReleaseError(f"cannot release {first.name}: a second build differs")


def check_content(source: Path, wheel: Path) -> None:
    """Check which files the archives have.

    Raises:
        ReleaseError: a file is missing, or should not be there.
    """
    packed = zipfile.ZipFile(wheel).namelist()
    release = next(name.partition(".dist-info/")[0] for name in packed if ".dist-info/" in name)
    extension = f"{release}.data/data/share/jupyter/labextensions/docker-magics"
    licenses = [f"{release}.dist-info/licenses/{path}" for path in LICENSES]
    _require(wheel, packed, [*REQUIRED, f"{extension}/package.json", *licenses])
    parts = ("docker_magics/", f"{release}.dist-info/", f"{extension}/")
    odd = [name for name in packed if not name.startswith(parts)]
    odd += [name for name in packed if "/test" in name or name.endswith(".ts")]
    if odd:
        raise ReleaseError(f"cannot release {wheel.name}: it has {', '.join(odd)}")
    with tarfile.open(source) as archive:
        files = ["/".join(name.split("/")[1:]) for name in archive.getnames()]
    _require(source, files, ["README.md", "Makefile", "tests/conftest.py", *LICENSES])


def _require(archive: Path, files: Iterable[str], required: Iterable[str]) -> None:
    if missing := set(required) - set(files):
        raise ReleaseError(f"cannot release {archive.name}: it lacks {', '.join(sorted(missing))}")


def install(wheel: Path, environment: Path) -> Path:
    """Install the wheel in a new virtual environment; return its interpreter.

    Raises:
        CalledProcessError: the environment cannot be made, or a package cannot be installed.
    """
    uv("venv", "--clear", "--python", sys.executable, environment)
    python = environment / "bin/python"
    uv("pip", "install", "--python", python, wheel)
    return python


def smoke(python: Path) -> None:
    """Load the installed extension, and run lines that need no engine; find the Lab extension.

    Raises:
        CalledProcessError: a line failed.
        ReleaseError: the JupyterLab extension is incomplete.
    """
    outside = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    subprocess.run([python, "-c", _SMOKE], check=True, cwd="/", env=outside)
    program = python.with_name("docker-magics")
    subprocess.run([program, "--version"], check=True, cwd="/", env=outside)
    data = python.parent.parent / "share/jupyter/labextensions/docker-magics/package.json"
    name = json.loads(data.read_text())["jupyterlab"]["_build"]["load"]
    if not (data.parent / name).is_file():
        raise ReleaseError(f"cannot release: the JupyterLab extension lacks {name}")


def main() -> int:
    """Build, compare and try the archives; return 1 if they cannot be released."""
    try:
        archives = build(DIST)
        compare(archives, build(ROOT / "build/dist-again"))
        check_content(*archives)
        smoke(install(archives[1], ROOT / "build/release-environment"))
    except (ReleaseError, subprocess.CalledProcessError) as error:
        print(error, file=sys.stderr)
        return 1
    print(f"Ready for release: {', '.join(str(path.relative_to(ROOT)) for path in archives)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
