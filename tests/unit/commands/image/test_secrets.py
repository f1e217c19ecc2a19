"""Secrets of builds: their sources, and invalid ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from docker_magics.commands.image._secrets import SECRETS, Secret, readers
from docker_magics.errors import UsageError


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("id=a,src=/f", Secret("a", file="/f")),
        ("id=a,source=/f,type=file", Secret("a", file="/f")),
        ("id=a,env=B", Secret("a", variable="B")),
        ("id=a,type=env,src=B", Secret("a", variable="B")),
        ("id=a", Secret("a", file="a")),
        ("id=SET_HERE", Secret("SET_HERE", variable="SET_HERE")),
    ],
)
def test_sources(monkeypatch: pytest.MonkeyPatch, text: str, expected: Secret) -> None:
    monkeypatch.setenv("SET_HERE", "x")
    assert SECRETS.parse(text) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("id", "invalid field 'id' must be a key=value pair"),
        ("id=a,color=red", "unexpected key 'color' in 'color=red'"),
        ("id=a,type=x", 'unsupported secret type "x"'),
        ("src=/f", "secret missing ID"),
    ],
)
def test_refused_texts(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        SECRETS.parse(text)


def test_contents(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOKEN", "hush")
    file = tmp_path / "file"
    file.write_bytes(b"\0x")
    read = readers([Secret("a", file=str(file)), Secret("b", variable="TOKEN")])
    assert (read["a"](), read["b"]()) == (b"\0x", b"hush")
    file.write_bytes(b"x" * 600_000)
    for name, message in ((file, "too big. max size 500KB"), (tmp_path, "no such file")):
        with pytest.raises(UsageError, match=message):
            readers([Secret("a", file=str(name))])
