"""An interrupt leaves no container that was created, but not started."""

from __future__ import annotations

import signal
from typing import Any

import pytest
from unit.commands.stub_engine import StubEngine, run

from docker_magics.engine.http_response import Response

_CREATE = "POST /containers/create"
_IMAGE = {"GET /containers/x/json": (404, "no such container"), "GET /images/x/json": {}}


class _Interrupted(StubEngine):
    """An engine during whose answer to one request the user interrupts the cell."""

    def __init__(self, key: str, responses: dict[str, Any]) -> None:
        answers = {_CREATE: ["in turn", {"Id": "first"}, {"Id": "second"}]}
        super().__init__(answers | dict.fromkeys(_REMOVALS, "") | responses)
        self._key = key

    def request(self, method: str, path: str, **options: Any) -> Response:
        response = super().request(method, path, **options)
        if f"{method} {path}" == self._key:
            signal.raise_signal(signal.SIGINT)
        return response


_REMOVALS = ("DELETE /containers/first", "DELETE /containers/second")


@pytest.mark.parametrize(
    ("line", "key", "responses"),
    [
        ("run busybox", _CREATE, {}),
        ("create busybox", _CREATE, {}),
        ("run -d busybox", "POST /containers/first/wait", {"POST /containers/first/wait": ""}),
        ("debug x", _CREATE, _IMAGE),
        (
            "debug x",
            "PUT /containers/first/archive",
            _IMAGE | {"PUT /containers/first/archive": ""},
        ),
    ],
)
def test_a_container_that_was_not_started_is_removed(
    line: str, key: str, responses: dict[str, Any]
) -> None:
    engine = _Interrupted(key, responses)
    with pytest.raises(KeyboardInterrupt):
        run(line, engine)
    created = engine.keys.count(_CREATE)
    assert created
    assert set(_REMOVALS[:created]) <= set(engine.keys)
