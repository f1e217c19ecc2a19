"""The blobs of a folder, as BuildKit reads and writes them over the session."""

from __future__ import annotations

import contextlib
import hashlib
import json
from pathlib import Path

import pytest

from docker_magics.engine.buildkit import content
from docker_magics.engine.buildkit.grpc import Call, CallError, Status
from docker_magics.engine.buildkit.protobuf import Message, encode

_SERVICE = "/containerd.services.content.v1.Content/"
_DATA = bytes(range(256)) * 2000
_DIGEST = f"sha256:{hashlib.sha256(_DATA).hexdigest()}"
_WRITE, _COMMIT = 1, 2


@pytest.fixture
def store(tmp_path: Path) -> content.ContentStore:
    """A store in a folder that does not exist yet."""
    return content.ContentStore(tmp_path / "new/cache")


def _call(store: content.ContentStore, method: str, *requests: bytes) -> list[Message]:
    headers = {"buildkit-attachable-store-id": ["local:cache"]}
    call: Call = content.methods({"local:cache": store})[_SERVICE + method](headers)
    answers = []
    with contextlib.closing(call):
        assert call.next_message() is None
        for request in requests:
            call.receive(request)
            while (answer := call.next_message()) is not None:
                answers.append(Message(answer))
        call.end_receiving()
        assert call.finished
    return answers


def _write(store: content.ContentStore, expected: str = _DIGEST) -> list[Message]:
    half = len(_DATA) // 2
    first = encode({1: _WRITE, 2: "ref", 4: expected, 6: _DATA[:half]})
    return _call(store, "Write", first, encode({1: _COMMIT, 5: half, 6: _DATA[half:]}))


def test_a_blob_is_written_and_read(store: content.ContentStore) -> None:
    written = _write(store)
    assert [answer.one(4, 0) for answer in written] == [len(_DATA) // 2, len(_DATA)]
    assert written[-1].text(6) == _DIGEST
    [info] = _call(store, "Info", encode({1: _DIGEST}))
    assert Message(info.one(1, b"")).one(2, 0) == len(_DATA)
    parts = _call(store, "Read", encode({1: _DIGEST}))
    assert b"".join(part.one(2, b"") for part in parts) == _DATA
    [part] = _call(store, "Read", encode({1: _DIGEST, 2: 3, 3: 4}))
    assert (part.one(1, 0), part.one(2, b"")) == (3, _DATA[3:7])


def test_a_blob_is_not_written_twice(store: content.ContentStore) -> None:
    _write(store)
    with pytest.raises(CallError, match="exists") as caught:
        _write(store)
    assert caught.value.status == Status.ALREADY_EXISTS


def test_a_blob_with_another_digest_is_refused(store: content.ContentStore) -> None:
    other = f"sha256:{'0' * 64}"
    with pytest.raises(CallError, match=f"expected {other}"):
        _write(store, other)
    with pytest.raises(CallError, match="not found"):
        _call(store, "Info", encode({1: other}))
    assert not [*store.ingest().parent.iterdir()]


def test_a_cancelled_write_leaves_nothing(store: content.ContentStore) -> None:
    headers = {"buildkit-attachable-store-id": ["local:cache"]}
    call: Call = content.methods({"local:cache": store})[f"{_SERVICE}Write"](headers)
    call.receive(encode({1: _WRITE, 2: "ref", 4: _DIGEST, 6: _DATA[:9]}))
    assert len([*store.ingest().parent.iterdir()]) == 1
    call.close()
    assert not [*store.ingest().parent.iterdir()]


def test_an_index_that_cannot_be_written_leaves_nothing(
    store: content.ContentStore, tmp_path: Path
) -> None:
    (tmp_path / "new/cache/index.json/folder").mkdir(parents=True)
    with pytest.raises(OSError, match="directory"):
        store.put({"digest": "sha256:1"}, "latest")
    names = [path.name for path in (tmp_path / "new/cache").iterdir()]
    assert sorted(names) == ["index.json", "oci-layout"]


def test_no_path_leaves_the_folder(store: content.ContentStore) -> None:
    with pytest.raises(CallError, match="failed validation"):
        _call(store, "Read", encode({1: "sha256:../../etc/passwd"}))


def test_an_unknown_store_is_refused(store: content.ContentStore) -> None:
    method = content.methods({"a": store})[f"{_SERVICE}Info"]
    with pytest.raises(CallError, match="unknown store b"):
        method({"buildkit-attachable-store-id": ["b"]})


def test_the_index_has_one_entry_a_tag(store: content.ContentStore, tmp_path: Path) -> None:
    assert (store.find("latest"), store.only()) == (None, None)
    for digest in ("sha256:1", "sha256:2"):
        store.put({"mediaType": "m", "digest": digest, "size": 1}, "latest")
    assert store.find("latest") == store.only() == "sha256:2"
    store.put({"mediaType": "m", "digest": "sha256:3", "size": 1}, "other")
    assert (store.find("other"), store.only()) == ("sha256:3", None)
    for _ in range(2):
        store.put({"mediaType": "m", "digest": "sha256:4", "size": 1}, "other", "me/app:other")
    index = json.loads((tmp_path / "new/cache/index.json").read_text())
    assert [it["digest"] for it in index["manifests"]] == ["sha256:2", "sha256:3", "sha256:4"]
    assert index["mediaType"] == "application/vnd.oci.image.index.v1+json"
    assert (tmp_path / "new/cache/oci-layout").read_text() == '{"imageLayoutVersion":"1.0.0"}'


@pytest.mark.parametrize("text", ["[]", "{", '{"manifests": null}', '{"manifests": [1, {}]}'])
def test_a_malformed_index_is_empty(text: str, tmp_path: Path) -> None:
    (tmp_path / "index.json").write_text(text)
    store = content.ContentStore(tmp_path)
    assert (store.find("latest"), store.only()) == (None, None)
    store.put({"digest": "sha256:1"}, "latest")
    assert store.find("latest") == "sha256:1"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["index.json", "oci-layout"]
