"""Which line of a %%compose cell an error is about."""

from __future__ import annotations

import pytest
from unit.wire.test_compose_file import BODY

from docker_magics.compose.body import ComposeBody


@pytest.mark.parametrize(
    ("message", "line"),
    [
        ("validating -: services.web.ports must be a array", 5),
        ("validating -: services.web.ports.1.published must be a string", 8),
        ("validating -: services.web.portz false schema", 3),
        ("yaml: line 7: mapping values are not allowed in this context", 7),
        ("go-yaml load error in parser (while parsing a block mapping) at L2.C3-L4.C4: x", 4),
        ('service "my-db" depends on undefined service "x": invalid compose project', 15),
        ('service "nothing" refers to undefined volume data: invalid compose project', 21),
        ("error while interpolating services.web.image: required variable X is missing", 4),
        ("Error response from daemon: no space left on device", None),
        ("", None),
    ],
)
def test_the_line_of_an_error(message: str, line: int | None) -> None:
    assert ComposeBody(BODY).line_of(message) == line


@pytest.mark.parametrize(
    ("message", "line"),
    [
        ("invalid hostPort: 70000000", 4),
        ("invalid spec: /a:/b:/c: too many colons", 5),
        ("'services[web].stop_grace_period' time: unknown unit", 6),
        ("services must be a mapping", 1),
        (" additional properties 'volume' not allowed", 9),
        ("services.web additional properties 'comand' not allowed", 3),
        ('yaml: construct errors: line 1: line 6: mapping key "a" already defined at line 2', 6),
        ("dependency cycle detected: web -> db -> web", 7),
        ("env file /home/me/conf/web.env not found: stat /home/me/conf/web.env: no such file", 8),
        ("open /home/me/other.env: no such file or directory", None),
        ("invalid value: web", None),  # several lines have it
    ],
)
def test_the_line_of_a_value_or_key(message: str, line: int | None) -> None:
    body = """services:
  web:
    comand: sleep
    ports: ["70000000:80"]
    volumes: ["/a:/b:/c"]
    stop_grace_period: 5q
    depends_on: [db]
    env_file: conf/web.env
volume: {web: {}}
"""
    assert ComposeBody(body).line_of(message) == line
