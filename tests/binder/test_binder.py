"""The Binder configuration: repo2docker accepts it, and postBuild runs in a pod like Binder's.

Two parts need the internet and are not run: repo2docker's own steps (base image, Python from conda,
apt.txt, requirements.txt). The pod uses this machine's proot and locally
built images instead.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import unavailable

from tools import debian
from tools.pod import BINDER, Pod, pod

ROOT = Path(__file__).parent.parent.parent
#: The repository's folder in a Binder, and pip's target folder in place of a virtual environment.
REPOSITORY = f"{BINDER.home}/repository"
SITE = f"{BINDER.home}/site"
ENVIRONMENT = {
    "PIP_TARGET": SITE,
    "PYTHONPATH": SITE,
    "DOCKER_MAGICS_IMAGES": "local",
}
LEARNER = """
import docker_magics, json, nbclient, nbformat
cells = [
    "%load_ext docker_magics",
    "%docker run --rm hello-world",
    "%docker images",
    "import docker_magics; docker_magics.__file__",
]
notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
nbclient.NotebookClient(notebook, timeout=60, kernel_name="python3").execute()
print(json.dumps([cell.outputs for cell in notebook.cells]))
"""


def pins(name: str) -> set[str]:
    """Return the pinned versions of a requirements file."""
    return set(re.findall(r"^\S+==\S+", (ROOT / "requirements" / name).read_text(), re.MULTILINE))


def test_binder_has_the_tested_versions() -> None:
    assert pins("run.txt") <= pins("binder.txt") <= pins("dev.txt")


def test_the_badge_opens_an_existing_notebook() -> None:
    badge = re.search(r"https://mybinder\.org/\S+urlpath=lab/tree/([^\s)]+)", _readme())
    assert badge
    assert (ROOT / badge[1]).is_file()


def _readme() -> str:
    return (ROOT / "README.md").read_text().replace("%2F", "/")


def test_repo2docker_accepts_the_configuration(
    dockerd: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_HOST", dockerd)
    command = [sys.executable, "-m", "repo2docker", "--no-build", "--debug", str(ROOT)]
    completed = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert not completed.returncode, completed.stderr
    steps = completed.stdout
    assert "python=3.11" in completed.stderr
    assert 'install --no-cache-dir -r "binder/requirements.txt"' in steps
    assert "RUN ./binder/postBuild" in steps
    for package in (ROOT / "binder/apt.txt").read_text().split():
        assert re.search(rf" {re.escape(package)}\s", steps)


@pytest.fixture(scope="module")
def binder(dockerd: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pod]:
    """A pod with the repository, in which postBuild has not run yet."""
    if missing := debian.missing("binder"):
        unavailable(f"postBuild needs proot: {debian.install_command(missing)}")
    copy = tmp_path_factory.mktemp("binder") / "repository"
    _copy_to(copy)
    dpkg = Path("/var/lib/dpkg")
    with pod(dockerd, {copy: copy, dpkg: dpkg}) as own:
        own.run("cp", "--recursive", copy, REPOSITORY)
        yield own


def _copy_to(folder: Path) -> None:
    """Copy the project's files with local changes, without files that git ignores."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    names = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, names.split("\0")):
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / name).exists():
            shutil.copy2(ROOT / name, target)


def test_post_build_prepares_the_engine_and_images(binder: Pod) -> None:
    built = binder.run(f"{REPOSITORY}/binder/postBuild", env=ENVIRONMENT, seconds=120)
    assert "not in this Binder: the image redis" in built.stdout
    cells = json.loads(binder.python("-c", LEARNER, env=ENVIRONMENT, seconds=120).stdout)
    texts = [
        "".join(str(output.get("text") or output["data"]) for output in cell) for cell in cells
    ]
    assert "Hello from Docker!" in texts[1]
    assert "busybox" in texts[2]
    assert SITE in texts[3]
