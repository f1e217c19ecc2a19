"""Pruning the build cache, and the API's builds."""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest
from unit.embedded.builder.support import Bench, context, request
from unit.embedded.slow_server import HEAD, SlowServer

from docker_magics.embedded.api.messages import Empty, Json, Request, Stream
from docker_magics.embedded.api.router import Router
from docker_magics.embedded.builder.prune import Limits
from docker_magics.embedded.builder.routes import BuildRoutes
from docker_magics.embedded.errors import ApiError, BadParameter


def answer(bench: Bench, path: str, body: bytes = b"", **query: Any) -> Any:
    built = request(body, **{name.replace("_", "-"): value for name, value in query.items()})
    peer: Any = None
    fields = (built.method, path, built.query, {}, built.body, peer)
    return Router([BuildRoutes(bench.builder).table()]).answer(Request(*fields))


def test_prune_removes_the_folders_of_cache_mounts(bench: Bench) -> None:
    bench.build("FROM scratch\nRUN --mount=type=cache,target=/c x")
    (folder,) = bench.caches.iterdir()
    assert folder.stat().st_mode & 0o777 == 0o755
    (folder / "f").write_text("12345")
    pruned = answer(bench, "/build/prune", filters={"until": ["1h"]})
    assert isinstance(pruned, Json)
    assert pruned.value == {"CachesDeleted": [folder.name], "SpaceReclaimed": 5}
    assert list(bench.caches.iterdir()) == []
    assert bench.store.events.events[-1] == ("builder", "prune", "", {"reclaimed": "5"})
    assert bench.builder.prune({}, Limits()) == {"CachesDeleted": None, "SpaceReclaimed": 0}


def test_prune_keeps_what_was_used_last(bench: Bench) -> None:
    for name in ("old", "new", "newest"):
        (bench.caches / name).mkdir()
        (bench.caches / name / "f").write_text("12345")
        (bench.caches / name).chmod(0o755)
    pruned = answer(bench, "/build/prune", max_used_space="12", reserved_space="3")
    assert pruned.value == {"CachesDeleted": ["old"], "SpaceReclaimed": 5}
    for older in ({"keep_storage": "10"}, {"min_free_space": "1"}):
        assert answer(bench, "/build/prune", **older).value["CachesDeleted"] is None
    pruned = answer(bench, "/v1.47/build/prune", keep_storage="5", reserved_space="10")
    assert pruned.value["CachesDeleted"] == ["new"]
    with pytest.raises(BadParameter, match="min-free-space is in bytes and expects an integer"):
        answer(bench, "/build/prune", min_free_space="1GB")


@pytest.mark.parametrize(
    ("limits", "kept"),
    [
        (Limits(), 0),
        (Limits(reserved=10), 10),
        (Limits(most=60), 60),
        (Limits(free=40), 100),
        (Limits(free=70), 80),
        (Limits(most=90, free=70), 80),
        (Limits(reserved=95, most=90, free=70), 95),
    ],
)
def test_how_much_a_prune_keeps_of_100_bytes_with_50_free(limits: Limits, kept: int) -> None:
    assert limits.kept(100, 50) == kept


def test_prune_with_an_unknown_filter_is_an_error(bench: Bench) -> None:
    with pytest.raises(BadParameter, match=r"^failed to prune build cache: "):
        bench.builder.prune({"odd": ["1"]}, Limits())


def test_the_response_of_a_build(bench: Bench) -> None:
    body = context({"Dockerfile": "FROM scratch\nENV A=1\nRUN x"})
    bench.containers.program = lambda _root: ([], 4)
    stream = answer(bench, "/build", body)
    assert isinstance(stream, Stream)
    lines = [json.loads(piece) for piece in stream.pieces if piece]
    assert lines[0] == {"stream": "Step 1/3 : FROM scratch"}
    message = "The command '/bin/sh -c x' returned a non-zero code: 4"
    assert lines[-1] == {"errorDetail": {"code": 4, "message": message}, "error": message}


def test_errors_before_the_first_step_are_http_errors(bench: Bench) -> None:
    with pytest.raises(BadParameter, match=r"^dockerfile parse error line 2: "):
        answer(bench, "/build", context({"Dockerfile": "FROM a\nUSER"}))
    assert list(bench.store.tmp.iterdir()) == []


def test_cancel(bench: Bench) -> None:
    assert answer(bench, "/build/cancel", id="gone") == Empty(204)
    with pytest.raises(BadParameter):
        answer(bench, "/build/cancel")


@pytest.mark.parametrize("place", ["ADD", "remote"])
def test_a_download_ends_with_the_build(bench: Bench, slow_server: SlowServer, place: str) -> None:
    """Its client leaves, or cancels it."""
    slow_server.pieces = itertools.chain([HEAD], itertools.repeat(b""))
    url = f"http://{slow_server.address}/f"
    body = context({"Dockerfile": f"FROM scratch\nADD {url} /f"})
    remote = {"remote": url} if place == "remote" else {}
    messages = bench.builder.build(request(body, **remote))
    assert None in messages
    messages.close()  # type: ignore[attr-defined]
    assert slow_server.left.wait(10)
    slow_server.left.clear()
    messages = bench.builder.build(request(body, buildid="b", **remote))
    assert None in messages
    bench.builder.cancel("b")
    with pytest.raises(ApiError, match=r"^build cancelled$"):
        next(messages)
    assert slow_server.left.wait(10)
    assert list(bench.store.tmp.iterdir()) == []
