"""Broken connections and invalid content of a registry: clear errors that leave nothing."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from docker.errors import APIError
from embedded.faults import (
    MIB,
    Registry,
    archive,
    raise_error,
)
from embedded.shared import (
    client,
    files_of,
    running,
)


@pytest.fixture(scope="module")
def pulling(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of an engine without images."""
    folder = tmp_path_factory.mktemp("pulling")
    with running(folder):
        yield folder


def pull_error(folder: Path, name: str) -> str:
    """Check that a pull fails and leaves nothing; return the error message."""
    before = files_of(folder)
    with client(folder) as api:
        with pytest.raises(APIError) as caught:
            list(map(raise_error, api.api.pull(name, stream=True, decode=True)))
        assert api.images.list(all=True) == []
    assert files_of(folder) == before
    return str(caught.value)


def test_a_pull_resumes_after_a_broken_connection(pulling: Path, faulty_registry: Registry) -> None:
    faulty_registry.cut_after = 3 * MIB // 2
    with client(pulling) as api:
        image = api.images.pull(faulty_registry.name)
        assert image.tags == [f"{faulty_registry.name}:latest"]
        api.images.remove(faulty_registry.name)
    assert faulty_registry.ranges == [n * faulty_registry.cut_after for n in range(1, 6)]


def test_a_pull_gives_up_after_repeated_broken_connections(
    pulling: Path, faulty_registry: Registry
) -> None:
    faulty_registry.cut_after = 1000
    assert "the connection to the registry broke" in pull_error(pulling, faulty_registry.name)
    assert len(faulty_registry.ranges) < 10


def test_a_digest_mismatch_is_an_error(pulling: Path, faulty_registry: Registry) -> None:
    """Of a layer, an image config, a manifest, and a diff ID."""
    valid_blobs = dict(faulty_registry.blobs)
    other = faulty_registry.add(b"{}")
    faulty_registry.blobs[faulty_registry.layer] = valid_blobs[faulty_registry.layer][:-1] + b"\1"
    expected = f"filesystem layer verification failed for digest {faulty_registry.layer}"
    assert pull_error(pulling, faulty_registry.name) == expected
    faulty_registry.blobs = valid_blobs | {faulty_registry.config: b"{}"}
    expected = f"image config verification failed for digest {faulty_registry.config}"
    assert pull_error(pulling, faulty_registry.name) == expected
    faulty_registry.blobs = valid_blobs | {other: valid_blobs[faulty_registry.manifest]}
    expected = f"manifest verification failed for digest {other}"
    assert expected in pull_error(pulling, f"{faulty_registry.name}@{other}")
    faulty_registry.blobs = valid_blobs
    faulty_registry.layer = faulty_registry.add(gzip.compress(archive(("other", b"x"))))
    size = len(faulty_registry.blobs[faulty_registry.layer])
    faulty_registry.manifest = faulty_registry.add(
        json.dumps(faulty_registry.manifest_of_size(size)).encode()
    )
    assert pull_error(pulling, faulty_registry.name).startswith(
        "layer verification failed: expected diff ID"
    )


@pytest.mark.parametrize(
    "manifest",
    [b"[]", b"{", b'{"schemaVersion": 2}', b'{"schemaVersion": 2, "config": {"digest": "../x"}}'],
)
def test_an_invalid_manifest_is_an_error(
    pulling: Path, faulty_registry: Registry, manifest: bytes
) -> None:
    faulty_registry.manifest = faulty_registry.add(manifest)
    assert "manifest" in pull_error(pulling, faulty_registry.name)
