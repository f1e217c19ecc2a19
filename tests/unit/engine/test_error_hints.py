"""Hints for common daemon errors."""

from __future__ import annotations

import pytest

from docker_magics.engine.error_hints import hint


@pytest.mark.parametrize(
    ("message", "part"),
    [
        ('The container name "/web" is already in use', "docker rm -f NAME"),
        ("No such container: web", "docker ps -a"),
        ("No such image: kit", "docker pull NAME"),
        ("pull access denied for kit", "docker login"),
        ("no basic auth credentials", "docker login REGISTRY"),
        ("Bind for 0.0.0.0:80 failed: port is already allocated", "-p"),
        ("container abc is not running", "docker start NAME"),
        ("network net not found", "docker network ls"),
        ("manifest for kit:9 not found", "spelling of the tag"),
        ("remove data: volume is in use - [abc]", "docker ps -a -f volume=NAME"),
    ],
)
def test_known_errors_have_a_hint(message: str, part: str) -> None:
    assert part in (hint(message) or "")


def test_unknown_errors_have_none() -> None:
    assert hint("something else") is None
