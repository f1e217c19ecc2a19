"""DiffCopy: BuildKit fetches the files of a build context."""

from __future__ import annotations

from pathlib import Path

import pytest

from docker_magics.engine.build_context import BuildContext
from docker_magics.engine.buildkit.filesync import DiffCopy, files_of
from docker_magics.engine.buildkit.grpc import CallError
from docker_magics.engine.buildkit.protobuf import Message, encode

_REQUEST, _DATA, _FINISHED = 1, 2, 3


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A build context with a Dockerfile, a folder and a link."""
    (tmp_path / "Dockerfile").write_text("FROM scratch\n")
    (tmp_path / "src").mkdir()
    (tmp_path / "src/a.c").write_text("int main;")
    (tmp_path / "link").symlink_to("src/a.c")
    return tmp_path


def packets(call: DiffCopy) -> list[Message]:
    """Return all packets that are ready."""
    ready = []
    while (packet := call.next_message()) is not None:
        ready.append(Message(packet))
    return ready


def names(folder: Path, headers: dict[str, list[str]]) -> list[str]:
    """Return the names of the files that a call receives."""
    return [name for name, _ in files_of(BuildContext(folder), headers)]


def test_stats_are_sent_first_and_contents_on_request(folder: Path) -> None:
    call = DiffCopy(files_of(BuildContext(folder), {"dir-name": ["context"]}))
    *stats, end = packets(call)
    assert [Message(stat.one(2, b"")).text(1) for stat in stats] == [
        "Dockerfile", "link", "src", "src/a.c",
    ]  # fmt: skip
    assert end.one(2, None) is None
    link, src, source = (Message(stat.one(2, b"")) for stat in stats[1:])
    assert link.text(7) == "src/a.c"
    assert src.one(2, 0) & 1 << 31  # Go's ModeDir
    assert source.one(5, 0) == 9
    call.receive(encode({1: _REQUEST, 3: 3}))
    data, last = packets(call)
    assert (data.one(3, 0), data.one(4, b"")) == (3, b"int main;")
    assert last.one(4, b"") == b""
    call.receive(encode({1: _FINISHED}))
    assert [packet.one(1, 0) for packet in packets(call)] == [_FINISHED]
    assert call.finished


def test_a_file_can_be_requested_once(folder: Path) -> None:
    call = DiffCopy(files_of(BuildContext(folder), {}))
    packets(call)
    call.receive(encode({1: _REQUEST, 3: 99}))
    with pytest.raises(CallError, match="cannot send file 99"):
        call.next_message()


@pytest.mark.parametrize("message", [b"\xff", encode({1: _DATA})])
def test_other_packets_are_rejected(message: bytes) -> None:
    with pytest.raises(CallError):
        DiffCopy([]).receive(message)


def test_only_followed_paths_are_sent(folder: Path) -> None:
    assert names(folder, {"followpaths": ["src/a.c"]}) == ["src", "src/a.c"]
    assert names(folder, {"followpaths": ["Dockerfile"]}) == ["Dockerfile"]
    everything = ["Dockerfile", "link", "src", "src/a.c"]
    assert names(folder, {"followpaths": ["link"]}) == everything
    assert names(folder, {"include-patterns": ["*.c"]}) == everything


def test_encoded_headers_are_decoded(folder: Path) -> None:
    headers = {"followpaths": ["src%2Fa.c"], "followpaths-encoded": ["1"]}
    assert names(folder, headers) == ["src", "src/a.c"]


def test_the_dockerfile_is_sent_with_its_parents(folder: Path) -> None:
    context = BuildContext(folder, "src/a.c")
    sent = list(files_of(context, {"dir-name": ["dockerfile"]}))
    assert sent == [("src", folder / "src"), ("src/a.c", folder / "src/a.c")]
    added = BuildContext(folder, ".d", {".d": b"FROM x"})
    assert list(files_of(added, {"dir-name": ["dockerfile"]})) == [(".d", b"FROM x")]
