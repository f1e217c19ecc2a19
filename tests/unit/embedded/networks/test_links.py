"""Links between containers."""

from __future__ import annotations

from pathlib import Path

import pytest
from unit.embedded.fakes import FakeContainers, container

from docker_magics.embedded.errors import BadParameter
from docker_magics.embedded.networks import links


@pytest.mark.parametrize(
    ("link", "parts"),
    [
        ("db", ("db", "db")),
        ("db:database", ("db", "database")),
        ("/db:/web/database", ("/db", "database")),
        ("", ("", "")),
    ],
)
def test_a_link_has_a_name_and_an_alias(link: str, parts: tuple[str, str]) -> None:
    assert links.parts(link) == parts


def test_links_find_their_targets_even_after_these_are_removed(tmp_path: Path) -> None:
    web = container(tmp_path, "web", host_config={"Links": ["db:database", "/gone:/web/old"]})
    db = container(tmp_path, "db")
    containers = FakeContainers(web, db)
    assert list(links.of(web, containers)) == [("db", "database", db), ("gone", "old", None)]
    assert links.shown(web, containers) == ["/db:/web/database", "/gone:/web/old"]
    assert links.shown(db, containers) is None
    assert links.names_by_target(containers) == {"db": ["/web/database"], "gone": ["/web/old"]}


def test_links_to_missing_containers_are_rejected(tmp_path: Path) -> None:
    web = container(tmp_path, "web", host_config={"Links": ["gone:g"]})
    with pytest.raises(BadParameter, match="could not get container for gone: No such container"):
        links.check(web, FakeContainers(web))
    links.check(web, FakeContainers(web, container(tmp_path, "gone")))
