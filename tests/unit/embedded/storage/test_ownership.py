"""The owners of files as containers see them."""

from __future__ import annotations

import os

import pytest

from docker_magics.embedded.storage.ownership import owner_in_container


def test_the_engines_user_is_root_in_containers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 33)
    monkeypatch.setattr(os, "getegid", lambda: 34)
    assert owner_in_container(33, 34) == (0, 0)
    assert owner_in_container(34, 33) == (34, 33)
