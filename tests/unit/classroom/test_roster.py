"""The learners of a class: from whole, broken and hostile progress files."""

from __future__ import annotations

import csv
import errno
import io
import json
import os
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from docker_magics import program
from docker_magics.classroom.page import as_csv, as_html
from docker_magics.classroom.roster import exercises, learners
from docker_magics.course.exercises import sections
from docker_magics.course.progress import FILE, MAX_BYTES
from docker_magics.course.progress import Learner as OfKernel
from docker_magics.errors import UsageError

EVERYTHING = [exercise.id for exercise in exercises()]


def write(folder: Path, content: object) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    text = content if isinstance(content, str) else json.dumps({"done": content})
    (folder / FILE).write_text(text)


def test_learners_are_found_by_folder_and_by_file(tmp_path: Path) -> None:
    OfKernel(file=_made(tmp_path / "mina/work/notebooks/ko") / FILE).solve("02.1")
    write(tmp_path / "bo", ["02.1", "02.3", "99.1"])
    write(tmp_path, [])
    (tmp_path / "지우.json").write_text(json.dumps({"done": EVERYTHING}))
    write(tmp_path / "a/b/c/d/too-deep", [])
    write(tmp_path / ".hidden", [])
    (tmp_path / "link").symlink_to(tmp_path / "bo")
    members = {learner.name: learner for learner in learners(tmp_path)}
    assert set(members) == {"bo", "mina", tmp_path.name, "지우"}
    assert members["bo"].done == {"02.1", "02.3"}
    following = members["bo"].next
    assert following is not None
    assert following.id == "02.2"
    assert (members["지우"].next, members["지우"].completed) == (None, list(sections()))


def test_a_learner_with_two_files_has_two_rows(tmp_path: Path) -> None:
    write(tmp_path / "mina/notebooks", ["02.1"])
    write(tmp_path / "mina/notebooks/ko", [])
    write(tmp_path / "bo/notebooks", [])
    names = [learner.name for learner in learners(tmp_path)]
    assert names == ["bo", "mina/notebooks", "mina/notebooks/ko"]


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True)
    return folder


@pytest.mark.parametrize(
    "text",
    [
        *("", "[]", "{}", "null", '{"done": 3}', '{"done": [["02.1"]]}', '{"done": "02.1"}'),
        *("[" * 60_000, '{"done": {"02.1": 1}}', "9" * 5000, '{"done": [1]}'),
    ],
)
def test_a_broken_file_has_a_row_that_says_so(text: str, tmp_path: Path) -> None:
    write(tmp_path / "mina", text)
    (mina,) = learners(tmp_path)
    assert mina.problem == "not a progress file of the course"
    assert "cannot be read: not a progress file" in as_html([mina])
    assert _rows(as_csv([mina]))[0]["problem"] == mina.problem


def test_files_of_other_kinds_are_not_read(tmp_path: Path) -> None:
    os.mkfifo(_made(tmp_path / "pipe") / FILE)
    (tmp_path / "zero.json").symlink_to("/dev/zero")
    (tmp_path / "gone.json").symlink_to("/nowhere")
    _made(tmp_path / "folder" / FILE)
    write(tmp_path / "large", " " * MAX_BYTES + "[]")
    members = learners(tmp_path)
    assert not [file for file in _open_files() if file.is_relative_to(tmp_path)]
    assert {learner.name: learner.problem for learner in members} == {
        "folder": "not a regular file",
        "gone": "No such file or directory",
        "large": "larger than 64 KiB",
        "pipe": "not a regular file",
        "zero": "not a regular file",
    }


def _open_files() -> list[Path]:
    return [link.resolve() for link in Path("/proc/self/fd").iterdir()]


def test_a_folder_that_cannot_be_read_has_a_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed, scandir = _made(tmp_path / "mina"), os.scandir

    def refuse(path: str) -> object:
        if Path(path) == closed:
            raise PermissionError(errno.EACCES, "Permission denied", path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    (mina,) = learners(tmp_path)
    assert (mina.name, mina.problem) == ("mina", "Permission denied")


def test_names_are_strangers(tmp_path: Path) -> None:
    for name in ("<script>x", "=cmd|' /C calc'!A0", "@x", "a\nb", "\x1b[2J", 'q"', "\udcff"):
        write(tmp_path / name, ["02.1"])
    (tmp_path / "+1.json").write_text("<i>")
    members = learners(tmp_path)
    page, rows = as_html(members), _rows(as_csv(members))
    assert len(rows) == len(members) == 8
    assert not [row for row in rows if row["learner"].startswith(("=", "+", "-", "@"))]
    assert _tags(page) <= {
        *("html", "head", "meta", "title", "style", "body", "main", "h1", "p", "table", "caption"),
        *("thead", "tbody", "tr", "th", "td", "meter"),
    }
    assert "\x1b" not in page + as_csv(members)


def test_a_name_begins_no_cell_where_semicolons_separate(tmp_path: Path) -> None:
    write(tmp_path / "kim;=1+1", ["02.1"])
    _, row = csv.reader(io.StringIO(as_csv(learners(tmp_path))), delimiter=";")
    assert len(row) == 1


def test_the_page_counts_for_each_section_and_exercise(tmp_path: Path) -> None:
    write(tmp_path / "mina", EVERYTHING)
    write(tmp_path / "bo", ["02.1"])
    write(tmp_path / "broken", "")
    page = as_html(learners(tmp_path))
    others = [f"0/{len(section.exercises)}" for section in list(sections().values())[1:]]
    assert re.findall(r"(\d+/\d+)</td>", page)[:7] == ["1/6", *others, f"1/{len(EVERYTHING)}"]
    assert f"{EVERYTHING[0]} {exercises()[0].title.en}</th>" in page
    assert page.count(" 2/2</td>") == 1
    assert page.count(" 1/2</td>") == len(EVERYTHING) - 1
    assert "all done" in page
    assert not re.search(r"(src|href)=|url\(|@import|<script", page)


def test_the_page_in_korean(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_MAGICS_LANG", "ko")
    write(tmp_path / "mina", "{")
    page = as_html(learners(tmp_path))
    assert '<html lang="ko">' in page
    assert "읽을 수 없음: 과정의 진도 파일이 아니에요" in page


def test_the_program(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path / "mina", ["02.1"])
    assert program.run(["class", str(tmp_path), "--csv"]) == 0
    (mina,) = _rows(capsys.readouterr().out)
    assert (mina["learner"], mina["02"], mina["all"], mina["next"]) == ("mina", "1", "1", "02.2")
    assert program.run(["class", str(tmp_path)]) == 0
    assert "<h1>Who is where</h1>" in capsys.readouterr().out
    assert program.run(["class", str(tmp_path / "no")]) == 1
    assert capsys.readouterr().err == f"cannot read {tmp_path}/no: No such file or directory\n"
    assert program.run(["class", "--csv", "--sign", "key"]) == 1
    assert "not allowed with" in capsys.readouterr().err


def test_an_empty_folder_is_a_class_of_none(tmp_path: Path) -> None:
    assert "Learners: 0" in as_html(learners(tmp_path))
    with pytest.raises(UsageError, match="cannot read"):
        learners(tmp_path / "missing")


def _rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))


def _tags(page: str) -> set[str]:
    tags = set()

    class Parser(HTMLParser):
        def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002
            tags.add(tag)

    Parser().feed(page)
    return tags
