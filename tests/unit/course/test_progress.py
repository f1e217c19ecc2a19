"""Progress over all sections, kept in a file; the glossary as a cell shows it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from IPython.lib.pretty import pretty

from docker_magics.course import glossary, progress
from docker_magics.course.progress import FILE, Learner


@pytest.fixture(autouse=True)
def _in_a_new_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep away from this repository's files."""
    monkeypatch.chdir(tmp_path)


def test_progress_survives_the_kernel() -> None:
    Learner(file=FILE).solve("02.3")
    Learner(file=FILE).solve("02.1")
    shown = progress(lang="en")
    assert "02 Docker basics: 2 of 6 done" in pretty(shown)
    assert "02 도커 기초: 6문제 중 2개 완료" in pretty(progress(lang="ko"))
    assert shown._repr_html_().count("background: #1f9d78") == 2


@pytest.mark.parametrize("text", ["", "[]", '{"done": 3}', "\udcff"])
def test_a_damaged_file_counts_as_empty(text: str) -> None:
    FILE.write_bytes(text.encode(errors="surrogateescape"))
    assert "0 of 6 done" in pretty(progress(lang="en"))


def test_kernels_that_record_at_the_same_time(tmp_path: Path) -> None:
    names = [f"02.{number}" for number in range(20)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda name: Learner(file=tmp_path / FILE).solve(name), names))
    learner = Learner(file=tmp_path / FILE)
    learner.load()
    assert learner.done == {*names}
    assert [path.name for path in tmp_path.iterdir()] == [FILE.name]


def test_a_folder_that_cannot_be_written_to_is_no_error(tmp_path: Path) -> None:
    learner = Learner(file=tmp_path / "missing/progress.json")
    learner.solve("02.1")
    assert learner.done == {"02.1"}


def test_the_glossary_has_both_languages() -> None:
    assert "layer (레이어): what one build step added" in pretty(glossary(lang="en"))
    assert "레이어 (layer): 빌드의 한 단계" in pretty(glossary(lang="ko"))
    assert ">layer</th>" in glossary(lang="en")._repr_html_()
