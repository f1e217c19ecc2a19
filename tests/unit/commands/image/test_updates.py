"""docker images --updates: the images that a registry may have another version of."""

from __future__ import annotations

from typing import Any
from unittest.mock import Mock

import pytest

from docker_magics.commands.image._updates import _is_pulled
from docker_magics.wire import reference

_LOADED = {"Descriptor": {"digest": "sha256:1"}, "RepoDigests": ["busybox@sha256:1"]}
_PULLED = {"Identity": {"Pull": [{"Repository": "docker.io/library/busybox"}]}}


@pytest.mark.parametrize(
    "details",
    [
        _LOADED,
        _LOADED | {"Identity": {"Build": [{"Ref": "a"}]}},
        _LOADED | {"Identity": {"Pull": [{"Repository": "example.com/app"}]}},
    ],
)
def test_loaded_and_built_images_are_not_pulled(details: dict[str, Any]) -> None:
    assert not _is_pulled(_engine(newest=True), details, reference.parse("busybox"))


@pytest.mark.parametrize(
    ("details", "newest", "name"),
    [
        (_LOADED | _PULLED, True, "busybox"),
        (_LOADED | {"Identity": {"Pull": [{"Repository": "localhost/a"}]}}, True, "localhost:1/a"),
        (_LOADED, False, "busybox"),
        ({"RepoDigests": ["busybox@sha256:1"]}, True, "busybox"),
    ],
)
def test_pulled_images_and_those_that_an_engine_may_have_pulled(
    details: dict[str, Any], *, newest: bool, name: str
) -> None:
    assert _is_pulled(_engine(newest=newest), details, reference.parse(name))


def _engine(*, newest: bool) -> Mock:
    return Mock(supports=Mock(return_value=newest))
