"""The line of a Dockerfile that a build step belongs to."""

from __future__ import annotations

import pytest

from docker_magics.commands.image._lines import instructions, line_of_step, line_of_steps

DOCKERFILE = r"""# syntax=docker/dockerfile:1
ARG BASE=busybox

FROM ${BASE} AS one
RUN echo a \
    # between
    && echo b
COPY <<EOF /x
RUN not an instruction
EOF
RUN <<EOF
echo here
EOF
run   echo   last
"""


def test_instructions() -> None:
    numbered = list(instructions(DOCKERFILE))
    assert [(number, text.split()[0]) for number, text in numbered] == [
        *((2, "ARG"), (4, "FROM"), (5, "RUN"), (8, "COPY"), (11, "RUN"), (14, "run")),
    ]
    assert numbered[2][1] == "RUN echo a && echo b"


@pytest.mark.parametrize(
    ("step", "line"),
    [
        ("[one 1/5] FROM docker.io/library/busybox", 4),
        ("[one 2/5] RUN echo a     && echo b", 5),
        ("[5/5] RUN echo last", 14),
        ("[internal] load build context", None),
        ("exporting to image", None),
    ],
)
def test_line_of_a_buildkit_step(step: str, line: int | None) -> None:
    assert line_of_step(DOCKERFILE, step) == line


def test_line_of_a_classic_step() -> None:
    steps = ["ARG BASE=busybox", "FROM ${BASE} AS one", "RUN echo a     && echo b"]
    assert [line_of_steps(DOCKERFILE, steps[: count + 1]) for count in range(3)] == [2, 4, 5]
    assert line_of_steps(DOCKERFILE, []) is None


def test_skipped_and_repeated_steps() -> None:
    text = "FROM a AS x\nRUN same\nFROM b\nRUN same\nRUN same\n"
    assert line_of_steps(text, ["FROM b", "RUN same"]) == 4
    assert line_of_steps(text, ["FROM b", "RUN same", "RUN same"]) == 5
    assert line_of_steps(text, ["FROM b", "RUN $other"]) == 4


def test_another_escape_character() -> None:
    text = "# escape=`\nFROM x\nRUN a `\n  b\nRUN c:\\\nRUN d\n"
    assert [number for number, _ in instructions(text)] == [2, 3, 5, 6]
