"""What docker_magics says itself is in the language of the session; the engine's words stay."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import docker_magics
from docker_magics.compose.failure import failure
from docker_magics.course import quiz, reset
from docker_magics.engine.error_hints import _HINTS, hint
from docker_magics.errors import ContainerExited, UsageError
from docker_magics.phrase import Phrase, cell_line, exited, file_line

PACKAGE = Path(docker_magics.__file__).parent
HANGUL = re.compile("[\uac00-\ud7a3]")
CODE = re.compile(r"`[^`]*`|\{[^}]*\}|^docker .*")
FILLED = re.compile(r"\{[a-z]+")


@pytest.fixture
def korean(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_MAGICS_LANG", "ko_KR.UTF-8")


def phrases() -> Iterator[tuple[str, str, str]]:
    """Yield each phrase of two strings: its file, its English and its Korean."""
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "Phrase":
                texts = [node.value for node in node.args if isinstance(node, ast.Constant)]
                if len(texts) == 2:
                    yield path.name, *texts


def test_english_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_MAGICS_LANG", "fr")
    assert str(Phrase("done", "완료")) == "done"
    assert exited(3) == "exited with code 3"


@pytest.mark.usefixtures("korean")
def test_a_korean_session_speaks_korean() -> None:
    assert str(ContainerExited(3)) == "종료 코드: 3"
    assert failure("", 7).message == "docker compose: 종료 코드: 7"
    assert (cell_line(3), file_line(3)) == ("셀의 3번째 줄", "3번째 줄")


@pytest.mark.usefixtures("korean")
def test_every_hint_is_in_korean() -> None:
    assert hint("No such container: web") == "있는 컨테이너는 docker ps -a로 볼 수 있어요."
    assert all(HANGUL.search(str(phrase)) for _, phrase in _HINTS)


@pytest.mark.usefixtures("korean")
@pytest.mark.parametrize(
    "mistake", [lambda: quiz("99"), lambda: quiz("02", "a"), lambda: reset("99.1")]
)
def test_mistakes_are_explained_in_korean(mistake: Callable[[], object]) -> None:
    with pytest.raises(UsageError) as caught:
        mistake()
    assert HANGUL.search(str(caught.value))


def test_every_phrase_has_both_languages() -> None:
    for file, english, korean in phrases():
        assert not HANGUL.search(english), (file, english)
        if re.search("[a-z]{3}", CODE.sub("", english)):
            assert HANGUL.search(korean), (file, english)
        assert sorted(FILLED.findall(english)) == sorted(FILLED.findall(korean)), (file, english)
