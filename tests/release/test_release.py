"""The release's archives: built twice, and tried in an empty environment (`make release-check`)."""

from __future__ import annotations

import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest
from conftest import unavailable

from tools import release


@pytest.fixture(scope="module")
def archives(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The source archive and the wheel."""
    return release.build(tmp_path_factory.mktemp("dist") / "first")


def test_the_archives_are_reproducible(archives: tuple[Path, Path], tmp_path: Path) -> None:
    release.compare(archives, release.build(tmp_path / "again"))


def test_the_archives_have_what_a_release_needs(archives: tuple[Path, Path]) -> None:
    release.check_content(*archives)


@pytest.mark.parametrize("name", ["tests/test_x.py", "docker_magics/test_x.py"])
def test_a_wheel_with_tests_is_refused(
    archives: tuple[Path, Path], tmp_path: Path, name: str
) -> None:
    source, wheel = archives
    copy = Path(shutil.copy(wheel, tmp_path))
    with zipfile.ZipFile(copy, "a") as archive:
        archive.writestr(name, "")
    with pytest.raises(release.ReleaseError, match=f"it has {name}"):
        release.check_content(source, copy)


def test_the_wheel_works_in_an_empty_environment(
    archives: tuple[Path, Path], tmp_path: Path
) -> None:
    try:
        python = release.install(archives[1], tmp_path / "environment")
    except subprocess.CalledProcessError as error:
        unavailable(f"a package index is needed: {error}")
    release.smoke(python)
