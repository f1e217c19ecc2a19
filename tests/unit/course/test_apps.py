"""The apps of sections 05 and 06, which their exercises start from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from docker_magics.course import counter_app, node_app
from docker_magics.course.lab import Lab

Fake = Any  # tests/unit/course/conftest.py: FakeSession


def test_the_counter_s_image_is_built_once(fake: Fake) -> None:
    counter_app.prepare(Lab())
    assert fake.lines[0].startswith("build -q -t me/counter:1 ")
    fake.image("me/counter:1")
    counter_app.prepare(Lab())
    assert len(fake.lines) == 1


def test_the_app_of_the_exercises_is_the_lesson_s(
    fake: Fake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    node_app.prepare(Lab())
    assert fake.lines == ["build -q -t me/web:2 app"]
    assert fake.built == {"dockerfile": node_app.DOCKERFILE.encode()}
    assert Path("app/src/server.js").read_text() == node_app.FILES["src/server.js"]
