"""The keys of a Compose file, with their lines and paths."""

from __future__ import annotations

import pytest

from docker_magics.wire.compose_file import keys

BODY = """\
# a comment: not a key
services:
  web:
    image: "nginx:1"
    ports:
    - "8080:80"
    - target: 90
      published: 91
    command: |
      services:
        x: 1
    environment:
      - A=1
      - name: b
  "my-db":
    image: postgres   # the database
    healthcheck:
      test: ["CMD", "true: 1"]

volumes:
  data:
"""


def test_keys_have_their_lines_and_paths() -> None:
    lines = {".".join(key.path): key.line for key in keys(BODY)}
    assert lines == {
        "services": 2,
        "services.web": 3,
        "services.web.image": 4,
        "services.web.ports": 5,
        "services.web.ports.1.target": 7,
        "services.web.ports.1.published": 8,
        "services.web.command": 9,
        "services.web.environment": 12,
        "services.web.environment.1.name": 14,
        "services.my-db": 15,
        "services.my-db.image": 16,
        "services.my-db.healthcheck": 17,
        "services.my-db.healthcheck.test": 18,
        "volumes": 20,
        "volumes.data": 21,
    }


@pytest.mark.parametrize("text", ["", "\n", "- a\n- b\n", "{a: 1}", "a", "  - - x: 1", "key:", ":"])
def test_any_text_is_read(text: str) -> None:
    assert all(key.path for key in keys(text))
