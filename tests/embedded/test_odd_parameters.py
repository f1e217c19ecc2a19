"""No value of a path or query parameter is an internal error (500).

The parameters are those of the Engine API's description.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from conformance.document import document
from embedded.shared import connection

VALUES = ("", "x", "\0", "-1", "99999999999999999999", "1.5", "{", "[]", '{"x": 1}', "%", "a/../b")
#: They need the internet, or follow until they are interrupted.
PARAMETERS_LEFT_OUT = {"follow", "fromImage", "fromSrc", "remote", "stream"}
OPERATIONS_LEFT_OUT = {"GET /images/search", "GET /events", "GET /distribution/{name}/json"}


def requests(operation: str) -> Iterator[tuple[str, str]]:
    """Yield method and path of requests with one odd value each."""
    method, _, path = operation.partition(" ")
    parameters = document()["operations"][operation]["parameters"]
    named = path.replace("{id}", "none").replace("{name}", "none")
    for parameter in parameters:
        name, place = parameter["name"], parameter["in"]
        for value in VALUES:
            if place == "path" and value:
                yield method, path.replace(f"{{{name}}}", quote(value, safe=""))
            if place == "query" and name not in PARAMETERS_LEFT_OUT:
                suffix = "&stream=0" if path.endswith("/stats") else ""
                yield method, f"{named}?{name}={quote(value)}{suffix}"
                yield method, f"{named.replace('none', 'busybox')}?{name}={quote(value)}{suffix}"


@pytest.mark.parametrize("group", ["build", "commit", "containers", "exec", "images", "networks",
                                   "plugins", "swarm", "system", "volumes"])  # fmt: skip
def test_no_parameter_is_an_internal_error(engine: Path, group: str) -> None:
    failures = {}
    for operation in document()["operations"]:
        if operation.split("/")[1].partition("?")[0] != group or operation in OPERATIONS_LEFT_OUT:
            continue
        for method, path in requests(operation):
            with connection(engine) as api:
                api.request(method, path)
                response = api.getresponse()
                if response.status == 500:
                    failures[f"{method} {path}"] = response.read()
    assert failures == {}
