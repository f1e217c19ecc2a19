"""The reference documents the course's public functions."""

from __future__ import annotations

import re
from pathlib import Path

from docker_magics import course

REFERENCE = Path(__file__).parent.parent.parent.parent / "docs/reference.md"


def test_the_reference_has_every_public_function() -> None:
    documented = re.findall(
        r"^::: docker_magics\.course\.(?:\w+\.)?([a-z_]+)$", REFERENCE.read_text(), re.MULTILINE
    )
    assert sorted(documented) == sorted(course.__all__)
