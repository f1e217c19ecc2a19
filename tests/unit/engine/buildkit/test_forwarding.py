"""Exported files and SSH agents: calls of BuildKit that receive a stream."""

from __future__ import annotations

import gzip
import io
from contextlib import closing
from pathlib import Path

import pytest
from unit.engine.buildkit.test_session import converse

from docker_magics.engine.build_context import BuildContext
from docker_magics.engine.buildkit.grpc import CallError
from docker_magics.engine.buildkit.protobuf import Message, encode
from docker_magics.engine.buildkit.session import BuildSession
from docker_magics.engine.buildkit.ssh_agent import ForwardAgent
from docker_magics.engine.buildkit.upload import PULL, Pull

_FILE_SEND = "/moby.filesync.v1.FileSend/DiffCopy"
_CHECK = "/moby.sshforward.v1.SSH/CheckAgent"
_FORWARD = "/moby.sshforward.v1.SSH/ForwardAgent"
_REQUEST, _ANSWER = b"\0\0\0\x01\x0b", b"\0\0\0\x05\x0c\0\0\0\0"


def test_exported_files_are_written() -> None:
    file = io.BytesIO()
    session = BuildSession({}, exported=[file])
    engine, [(_, status, _)] = converse(session, (_FILE_SEND, encode({1: b"tar"})))
    assert (status, file.getvalue()) == ("0", b"tar")
    headers = engine.sent("HIJACK /session")
    assert headers["X-Docker-Expose-Session-Grpc-Method"] == _FILE_SEND


def test_files_that_nobody_asked_for_are_refused() -> None:
    _, [(_, status, reason)] = converse(BuildSession({}), (_FILE_SEND, encode({1: b"tar"})))
    assert (status, reason) == ("5", "the build exports no files")


def test_a_tar_is_fetched_by_its_url() -> None:
    session = BuildSession({}, BuildContext(None, archive=b"tar"))
    _, [(answer, status, _)] = converse(session, (PULL, b""))
    assert answer is not None
    assert (answer.one(1, b""), status) == (b"tar", "0")
    _, [(_, status, reason)] = converse(BuildSession({}), (PULL, b""))
    assert (status, reason) == ("5", "the build context is not a tar")
    tar = bytes(range(256)) * 5000  # more than one piece
    pull = Pull(tar)
    pieces = [Message(piece).one(1, b"") for piece in iter(pull.next_message, None)]
    assert (b"".join(pieces), pull.finished) == (tar, True)
    extended = bytes(156) + b"x"
    piece = Message(Pull(extended).next_message() or b"").one(1, b"")
    assert gzip.decompress(piece) == extended


def test_an_agent_answers(agent: Path) -> None:
    session = BuildSession({}, agents={"default": agent})
    _, [checked, unknown, forwarded] = converse(
        session,
        (_CHECK, b""),
        (_CHECK, encode({1: b"other"})),
        (_FORWARD, encode({1: _REQUEST})),
    )
    assert checked[1] == "0"
    assert unknown[1:] == ("5", "no SSH agent other: add --ssh other")
    assert forwarded[0] is not None
    assert (forwarded[0].one(1, b""), forwarded[1]) == (_ANSWER, "0")


def test_requests_arrive_in_pieces(agent: Path) -> None:
    with closing(ForwardAgent(agent)) as call:
        call.receive(encode({1: _REQUEST[:2]}))
        assert call.next_message() is None
        call.receive(encode({1: _REQUEST[2:] + _REQUEST}))
        answers = [call.next_message() for _ in range(2)]
        assert [Message(answer or b"").one(1, b"") for answer in answers] == [_ANSWER, _ANSWER]
        call.end_receiving()
        assert call.finished


def test_an_agent_that_is_gone(tmp_path: Path) -> None:
    with pytest.raises(CallError, match="cannot use the SSH agent"):
        ForwardAgent(tmp_path / "none")


def test_a_request_that_is_too_long(agent: Path) -> None:
    with (
        closing(ForwardAgent(agent)) as call,
        pytest.raises(CallError, match="the message is too long"),
    ):
        call.receive(encode({1: b"\xff" * 8}))
