"""What a teacher makes of the course: an archive of its images, and a site without internet."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest

from docker_magics import docker
from tools import images
from tools.course import archive, site


@pytest.fixture
def embedded(start: Callable[[str], str], monkeypatch: pytest.MonkeyPatch) -> str:
    """The embedded engine, as the one that this process talks to."""
    monkeypatch.setenv("DOCKER_HOST", start("embedded"))
    return start("embedded")


@pytest.mark.parametrize("name", ["images.tar", "images.tar.gz"])
def test_the_images_come_in_one_file_that_any_engine_loads(
    name: str, dockerd: str, embedded: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(images, "RECIPES", {key: images.RECIPES[key] for key in ("hello-world",)})
    archive.save(dockerd, tmp_path / name)
    assert [each.name for each in tmp_path.iterdir()] == [name]
    docker("tag hello-world kept")
    docker("rmi hello-world")
    assert "hello-world:latest" in str(docker("load -i {file}", file=tmp_path / name))
    assert "Hello from Docker!" in str(docker("run --rm hello-world"))
    docker("rmi kept")
    assert embedded


def notebook(path: Path, *sources: str) -> Path:
    """A notebook in a file: the first cell is text."""
    cells = [nbformat.v4.new_markdown_cell(sources[0])]
    cells += [nbformat.v4.new_code_cell(source) for source in sources[1:]]
    path.parent.mkdir(exist_ok=True)
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    return path


def check_that_all_is_beside(file: Path) -> None:
    """What a page or a style sheet fetches lies in the site, and so on."""
    text = file.read_text(encoding="utf-8")
    fetched = re.findall(r'<(?:script|link|img|iframe)[^>]+(?:src|href)="([^"]+)"', text)
    fetched += re.findall(r"(?:@import|\bimport\(|url\()\s*[\"'(url]*([^\"')\s]+)", text)
    for address in fetched:
        if not address.startswith(("data:", "#")):
            beside = file.parent / address.partition("?")[0].partition("#")[0]
            assert beside.is_file(), f"{file} fetches {address}"
            if beside.suffix == ".css":
                check_that_all_is_beside(beside)


@pytest.mark.usefixtures("embedded")
def test_the_site_has_pages_and_slides_and_fetches_nothing(tmp_path: Path) -> None:
    english = notebook(
        tmp_path / "01-first.ipynb",
        "# Boxes & <b>bold</b>\n\n![a picture](dot.svg)",
        "%load_ext docker_magics",
        "%docker run --rm busybox echo it ran",
    )
    (tmp_path / "dot.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg"/>')
    korean = notebook(tmp_path / "ko/01-first.ipynb", "# 첫 상자", "print('안녕')")
    built = tmp_path / "site"
    site.build(built, [english, korean])

    index = (built / "index.html").read_text(encoding="utf-8")
    links = re.findall(r'href="([^"]+)"', index)
    assert links == [
        "en/01-first.html",
        "en/01-first.slides.html",
        "ko/01-first.html",
        "ko/01-first.slides.html",
    ]
    assert "Boxes &amp; &lt;b&gt;bold" in index
    assert "첫 상자" in index
    for link in links:
        page = (built / link).read_text(encoding="utf-8")
        assert ("it ran" if link.startswith("en") else "안녕") in page
        assert f'<html lang="{link[:2]}">' in page
        check_that_all_is_beside(built / link)
    assert 'src="data:image/svg+xml;base64,' in (built / links[0]).read_text(encoding="utf-8")
    assert "Reveal.initialize" in (built / links[1]).read_text(encoding="utf-8")
