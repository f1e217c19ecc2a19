"""Transcripts of consoles in saved notebooks."""

from __future__ import annotations

import pytest

from docker_magics.widgets.transcript import Transcript


def test_output_is_escaped() -> None:
    page = Transcript.of([[["<script>alert(1)</script>", None, None, ""]]]).html("<b>", "<i>")
    assert "<script>" not in page
    assert "<b>" not in page
    assert "<i>" not in page
    assert "&lt;script&gt;" in page


def test_colours_and_styles_are_kept() -> None:
    runs = [["red", 1, None, "b"], ["cube", 196, None, ""], ["own", "#010203", "inverse", "u"]]
    page = Transcript.of([runs]).html("title", "exited with code 0")
    assert "font-weight: bold; color: color-mix(in srgb, #db3c3c 75%, " in page
    assert "color: rgb(255, 0, 0)" in page
    assert "text-decoration: underline; color: #010203; background: var(" in page


def test_other_escape_sequences_are_removed() -> None:
    wrong = ["x", "red; background: url(//evil)", 256, 'b" on']
    page = Transcript.of([[wrong]]).html("title", "")
    assert '<span style="font-weight: bold">x</span>' in page
    assert "evil" not in page
    assert 'on"' not in page


def test_the_text_has_title_rows_and_end() -> None:
    text = Transcript.of([[["one", None, None, ""]], []]).text("docker run", "exited with code 3")
    assert text == "$ docker run\none\n\n[exited with code 3]"


def test_output_without_a_page() -> None:
    data = b"bin\r\n50%\r100%\r\n\x1b]0;title\x07/ # \x1b[6nlx\x08s\r\n"
    rows = ["".join(run[0] for run in row) for row in Transcript.of_output(data).rows]
    assert rows == ["bin", "100%", "/ # ls"]


def test_a_line_that_is_redrawn_with_each_key() -> None:
    data = b"\r\x1b[0K> g\x1b[0;90;49met key\x1b[0m\r\x1b[3C\r\x1b[0K> get a\r\x1b[7C\r\n1\r\n"
    rows = ["".join(run[0] for run in row) for row in Transcript.of_output(data).rows]
    assert rows == ["> get a", "1"]


@pytest.mark.parametrize(
    ("sequence", "look"),
    [
        ("", (None, None, "")),
        ("1;34", (4, None, "b")),
        ("1;1;22;3", (None, None, "i")),
        ("97;101", (15, 9, "")),
        ("38;5;196;4", (196, None, "u")),
        ("48;2;1;2;3", (None, "#010203", "")),
        ("38:5:300", (None, None, "")),
        ("7", ("inverse", "inverse", "")),
        ("31;7", ("inverse", 1, "")),
        ("31;0", (None, None, "")),
        ("31;39;38", (None, None, "")),
    ],
)
def test_output_in_its_colours(sequence: str, look: tuple[object, ...]) -> None:
    rows = Transcript.of_output(f"\x1b[{sequence}mtext\x1b[m".encode()).rows
    assert rows == [[("text", *look)]]
