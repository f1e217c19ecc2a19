"""Offline material for teachers: archives of the images and of the course, and a site."""

from __future__ import annotations

import re
import shutil
import subprocess
import tarfile
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest

from docker_magics import docker
from tools import images
from tools.course import archive, offline, site


@pytest.fixture
def embedded(start: Callable[[str], str], monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of the embedded engine, which this process uses."""
    monkeypatch.setenv("DOCKER_HOST", start("embedded"))
    return start("embedded")


@pytest.mark.parametrize("name", ["images.tar", "images.tar.gz"])
def test_the_image_archive_loads_into_another_engine(
    name: str, dockerd: str, embedded: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(images, "RECIPES", {key: images.RECIPES[key] for key in ("hello-world",)})
    archive.save(dockerd, tmp_path / name)
    assert {path.name for path in tmp_path.iterdir()} == {name, "images.packages.tsv"}
    packages = (tmp_path / "images.packages.tsv").read_text().splitlines()
    assert [line.split("\t")[::3] for line in packages[3:]] == [["hello-world:latest", "busybox"]]
    docker("tag hello-world kept")
    docker("rmi hello-world")
    assert "hello-world:latest" in str(docker("load -i {file}", file=tmp_path / name))
    assert "Hello from Docker!" in str(docker("run --rm hello-world"))
    docker("rmi kept")
    assert embedded


def notebook(path: Path, *sources: str) -> Path:
    """Write a notebook; its first cell is text, the others are code."""
    cells = [nbformat.v4.new_markdown_cell(sources[0])]
    cells += [nbformat.v4.new_code_cell(source) for source in sources[1:]]
    path.parent.mkdir(exist_ok=True)
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    return path


def check_resources(file: Path) -> None:
    """Check that all files that a page or style sheet fetches are in the site, recursively."""
    text = file.read_text(encoding="utf-8")
    fetched = re.findall(r'<(?:script|link|img|iframe)[^>]+(?:src|href)="([^"]+)"', text)
    fetched += re.findall(r"(?:@import|\bimport\(|url\()\s*[\"'(url]*([^\"')\s]+)", text)
    for address in fetched:
        if not address.startswith(("data:", "#")):
            resource = file.parent / address.partition("?")[0].partition("#")[0]
            assert resource.is_file(), f"{file} fetches {address}"
            if resource.suffix == ".css":
                check_resources(resource)


@pytest.mark.usefixtures("embedded")
def test_the_site_works_offline(tmp_path: Path) -> None:
    english = notebook(
        tmp_path / "01-first.ipynb",
        "# Boxes & <b>bold</b>\n\n![a picture](dot.svg) [next](02-next.ipynb)",
        "%load_ext docker_magics",
        "%docker run --rm busybox echo it ran",
    )
    (tmp_path / "dot.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg"/>')
    korean = notebook(tmp_path / "ko/01-first.ipynb", "# 첫 상자", "print('안녕')")
    folder = tmp_path / "site"
    site.build(folder, [english, korean])

    index = (folder / "index.html").read_text(encoding="utf-8")
    links = re.findall(r'href="([^"]+)"', index)
    assert links == [
        "en/01-first.html",
        "en/01-first.slides.html",
        "en/01-first.sheet.html",
        "ko/01-first.html",
        "ko/01-first.slides.html",
        "ko/01-first.sheet.html",
    ]
    assert "Boxes &amp; &lt;b&gt;bold" in index
    assert "첫 상자" in index
    assert 'href="02-next.html"' in (folder / "en/01-first.html").read_text(encoding="utf-8")
    for link in links:
        page = (folder / link).read_text(encoding="utf-8")
        shown = (
            {"en": "docker run", "ko": "이미지"}
            if "sheet" in link
            else {"en": "it ran", "ko": "안녕"}
        )
        assert shown[link[:2]] in page
        assert f'<html lang="{link[:2]}">' in page
        check_resources(folder / link)
    assert 'src="data:image/svg+xml;base64,' in (folder / links[0]).read_text(encoding="utf-8")
    assert "Reveal.initialize" in (folder / links[1]).read_text(encoding="utf-8")


def test_the_course_archive_has_everything(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def collect_wheels(folder: Path) -> None:
        folder.mkdir()
        (folder / "docker_magics-1-py3-none-any.whl").touch()

    monkeypatch.setattr(offline, "collect_wheels", collect_wheels)
    monkeypatch.setattr(archive, "save", lambda _host, file: file.touch())
    offline.pack("unix:///run/docker.sock", tmp_path / "course.tar")
    with tarfile.open(tmp_path / "course.tar") as packed:
        files = {member.name: member.mode for member in packed if member.isfile()}
    lessons = {f"course/notebooks/{path.relative_to(site.NOTEBOOKS)}" for path in site.course()}
    others = {"start", "images.tar.gz", "wheels/docker_magics-1-py3-none-any.whl"}
    assert files.keys() == lessons | {f"course/{name}" for name in others}
    assert files["course/start"] & 0o111


#: A python3 whose environments have programs that write down how they are called.
_PYTHON = """#!/bin/sh
mkdir -p venv/bin
for name in python docker-magics jupyter; do
  printf '#!/bin/sh\\necho %s "$@" >> calls\\n' $name > venv/bin/$name
  chmod +x venv/bin/$name
done
"""


def test_the_course_is_installed_at_the_first_start_only(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/python3").write_text(_PYTHON)
    (tmp_path / "bin/python3").chmod(0o755)
    (tmp_path / "wheels").mkdir()
    (tmp_path / "wheels/a.whl").touch()
    start = shutil.copy2(offline.START, tmp_path)
    for _ in range(2):
        subprocess.run([start], env={"PATH": f"{tmp_path}/bin:/usr/bin:/bin"}, check=True)
    assert (tmp_path / "calls").read_text().splitlines() == [
        "python -m pip install --quiet --no-compile --no-index --no-deps wheels/a.whl",
        "docker-magics load --quiet --input images.tar.gz",
        "jupyter lab notebooks/00-overview.ipynb",
        "jupyter lab notebooks/00-overview.ipynb",
    ]
