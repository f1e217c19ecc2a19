"""Where namespaces come from."""

from __future__ import annotations

from pathlib import Path

import pytest
from unit.embedded.fakes import FakeContainers, container

from docker_magics.embedded.errors import Conflict, NotFound
from docker_magics.embedded.namespace_source import namespace_of


@pytest.mark.parametrize(
    ("mode", "source"),
    [("host", "host"), ("", "new"), ("private", "new"), ("bridge", "new"), ("container:db", 7)],
)
def test_the_source_of_a_namespace(tmp_path: Path, mode: str, source: str | int) -> None:
    containers = FakeContainers(container(tmp_path, "db", pid=7))
    assert namespace_of(mode, containers, "{0.id} does not run") == source


def test_namespaces_of_containers_that_do_not_run_are_refused(tmp_path: Path) -> None:
    db = container(tmp_path, "db")
    with pytest.raises(Conflict, match=f"{db.id} does not run"):
        namespace_of("container:db", FakeContainers(db), "{0.id} does not run")
    with pytest.raises(NotFound):
        namespace_of("container:", FakeContainers(db), "{0.id} does not run")
