"""Names of images, and the repositories that layers came from."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from docker_magics.embedded.errors import ApiError, BadParameter
from docker_magics.embedded.images import references
from docker_magics.embedded.images.references import References
from docker_magics.embedded.images.sources import Sources
from docker_magics.wire.reference import parse

ONE, TWO = "sha256:" + "1" * 64, "sha256:" + "2" * 64


@pytest.fixture
def names(tmp_path: Path) -> References:
    """Two images with several names."""
    names = References(tmp_path / "repositories.json")
    for text, image in (("b:1", ONE), ("b:2", TWO), ("a", ONE), ("bb:1", TWO)):
        names.set(parse(text).tagged, image)
    names.set(parse(f"b@{TWO}"), ONE)
    return names


def test_names_are_kept_over_a_restart(names: References, tmp_path: Path) -> None:
    for current in (names, References(tmp_path / "repositories.json")):
        assert current.get(parse("b:1")) == ONE
        assert current.get(parse("a")) == ONE
        assert current.get(parse(f"b@{TWO}")) == ONE
        assert current.get(parse(f"b:1@{TWO}")) == ONE
        assert current.get(parse("b")) is None
        assert [name.familiar for name in current.of(ONE)] == ["a:latest", "b:1", f"b@{TWO}"]


def test_a_repository_has_its_own_tags(names: References) -> None:
    assert [name.familiar for name in names.tags("docker.io/library/b")] == ["b:1", "b:2"]
    assert names.tags("docker.io/library/none") == []


def test_a_deleted_name_is_gone(names: References, tmp_path: Path) -> None:
    assert names.delete(parse("b:1"))
    assert not names.delete(parse("b:1"))
    assert names.get(parse("b:1")) is None
    assert "docker.io/library/b:1" not in json.loads((tmp_path / "repositories.json").read_text())


def test_a_damaged_file_is_reported(tmp_path: Path) -> None:
    path = tmp_path / "repositories.json"
    path.write_text("{")
    with pytest.raises(ApiError, match="is damaged"):
        References(path)


def test_the_name_of_a_new_image() -> None:
    def name(repository: str, tag: str) -> str | None:
        reference = references.of_new_image(repository, tag, "import")
        return reference and reference.familiar

    assert name("", "1") is None
    assert name("a", "") == "a"
    assert name("a", "1") == "a:1"
    assert name("host:5000/a:1", "") == "host:5000/a:1"
    with pytest.raises(BadParameter, match=r"^cannot import digest reference$"):
        name(f"a@{ONE}", "")
    assert name("a:1", "2") == "a:2", "as dockerd"
    for tag in ("-x", "a:b", "sha256:12"):
        with pytest.raises(BadParameter, match=r"^invalid tag format$"):
            name("a", tag)


def test_a_digest_replaces_a_tag() -> None:
    assert references.read("a:1", ONE) == references.read(f"a@{ONE}")
    with pytest.raises(BadParameter, match="invalid checksum digest length"):
        references.read("a", "sha256:" + "0" * 40)


def test_the_error_of_an_invalid_name_does_not_repeat_it() -> None:
    with pytest.raises(BadParameter, match=r"^invalid reference format: repository name must be"):
        references.read("Busybox")


def test_sources_name_other_repositories_of_the_same_registry(tmp_path: Path) -> None:
    sources = Sources(tmp_path / "sources.json")
    for name in ("me/a", "me/b", "host:5000/c", "me/a", "d"):
        sources.add([ONE], parse(name))
    for current in (sources, Sources(tmp_path / "sources.json")):
        assert current.others(ONE, parse("me/a")) == ["library/d", "me/b"]
        assert current.others(ONE, parse("host:5000/x")) == ["c"]
        assert current.others(ONE, parse("host:5000/c")) == []
        assert current.others(TWO, parse("me/a")) == []
    sources.forget(ONE)
    sources.forget(ONE)
    assert Sources(tmp_path / "sources.json").others(ONE, parse("x")) == []


def test_sources_keep_the_latest_fifty(tmp_path: Path) -> None:
    sources = Sources(tmp_path / "sources.json")
    for number in range(60):
        sources.add([ONE], parse(f"r{number}"))
    others = sources.others(ONE, parse("x"))
    assert (len(others), others[0], others[-1]) == (50, "library/r59", "library/r10")
