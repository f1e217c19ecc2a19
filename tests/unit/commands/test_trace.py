"""trace: what is shown is what was sent, without what is secret."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from xml.etree import ElementTree as ET

import pandas as pd
import pytest
from IPython.core.interactiveshell import InteractiveShell
from wire.fake_engine import Answer, FakeEngine

from docker_magics.commands._mask import mask
from docker_magics.engine.address import Address
from docker_magics.engine.client import Engine
from docker_magics.engine.recording import TraceRecorder
from docker_magics.errors import ApiError, DockerMagicsError, FlagError
from docker_magics.results.sequence import Lane, Step, sequence_diagram
from docker_magics.results.text import Output
from docker_magics.session import Session

_SVG = "{http://www.w3.org/2000/svg}"
_PULL = [
    {"status": "Pulling from library/nginx", "id": "latest"},
    {"status": "Pulling fs layer", "id": "aaaaaaaaaaaa"},
    {"status": "Downloading", "progressDetail": {"current": 1, "total": 3000000}, "id": "a" * 12},
    {"status": "Download complete", "id": "aaaaaaaaaaaa"},
    {"status": "Already exists", "id": "bbbbbbbbbbbb"},
    {"status": "Pull complete", "id": "aaaaaaaaaaaa"},
    {"status": "Digest: sha256:" + "d" * 64},
    {"status": "Status: Downloaded newer image for nginx:latest"},
]


def lines(messages: list[dict[str, Any]]) -> Answer:
    return Answer(raw=b"".join(json.dumps(each).encode() + b"\r\n" for each in messages))


def run(line: str, **options: Any) -> Any:
    return Session().run(line, **options)


def ways(found: Any) -> list[tuple[str, str, str]]:
    """Sender, receiver and text of the arrows that do not stand between client and engine."""
    return [
        (step.sender.title, step.receiver.title, step.text)
        for step in found.sequence
        if {step.sender, step.receiver} != {Lane.CLIENT, Lane.ENGINE}
    ]


def test_its_rows_are_the_requests_that_were_sent(engine: FakeEngine) -> None:
    found = run("trace run --rm --name web busybox echo hi")
    assert list(zip(found["METHOD"], found["PATH"], strict=True)) == [
        (request.method, request.path) for request in engine.requests
    ]
    sent = engine.requests[1].body
    shown = json.loads(found["BODY"][1])
    assert shown["Image"] == sent["Image"] == "busybox"
    assert shown["Cmd"] == ["echo", "hi"]
    assert found["QUERY"][1] == "name=web"
    assert list(found["STATUS"]) == [200, 200, 101, 200, 204]


def test_its_columns_are_typed(engine: FakeEngine) -> None:  # noqa: ARG001
    found = run("trace ps")
    kinds = {name: pd.api.types.infer_dtype(found[name]) for name in found.columns}
    assert kinds == {
        **dict.fromkeys(("START", "DURATION"), "floating"),
        **dict.fromkeys(("METHOD", "PATH", "QUERY", "BODY", "ANSWER"), "string"),
        **dict.fromkeys(("STATUS", "SIZE"), "integer"),
    }
    assert (found["START"].diff()[1:] >= 0).all()
    assert (found["DURATION"] > 0).all()
    assert list(found.steps.columns) == ["AT", "FROM", "TO", "REQUEST", "WHAT"]
    assert found.steps["AT"].is_monotonic_increasing


def test_the_commands_own_result_is_there(engine: FakeEngine) -> None:  # noqa: ARG001
    found = run("trace ps")
    assert found.result.columns[0] == "CONTAINER ID"
    assert repr(found).startswith("CONTAINER ID")
    assert found._repr_html_().index("CONTAINER ID") < found._repr_html_().index("<svg")
    ran = run("trace run --rm busybox")
    assert isinstance(ran.result, Output)
    assert ran.exit_code == 0


def test_a_container_s_way(engine: FakeEngine) -> None:
    engine.answers.append((r"POST /containers/.+/wait", lambda: {"StatusCode": 3}))
    found = run("trace run busybox false")
    assert found.exit_code == 3
    assert [way for way in ways(found) if "output" not in way[2]] == [
        ("engine", "container", "create"),
        ("engine", "container", "attach"),
        ("engine", "container", "start"),
        ("container", "engine", "exit code 3"),
    ]
    assert ("container", "client", "output 0B, input 0B") in ways(found)


def test_a_pull_s_way_is_what_the_engine_told_of_it(engine: FakeEngine) -> None:
    engine.answers.append((r"POST /images/create", lambda: lines(_PULL)))
    found = run("trace pull nginx")
    assert ways(found) == [
        ("engine", "registry", "Pulling from library/nginx"),
        ("registry", "engine", "aaaaaaaaaaaa: Download complete, 3MB"),
    ]
    assert found["ANSWER"][1] == "Status: Downloaded newer image for nginx:latest"


def test_what_did_not_happen_is_not_drawn(engine: FakeEngine) -> None:
    present = [_PULL[0], {"status": "Status: Image is up to date for nginx:latest"}]
    engine.answers.append((r"POST /images/create", lambda: lines(present)))
    assert ways(run("trace pull nginx")) == [("engine", "registry", "Pulling from library/nginx")]
    assert ways(run("trace ps")) == []


def test_where_a_command_fails_its_trace_comes_with_the_error(engine: FakeEngine) -> None:
    refusal = {"message": "no such thing"}
    engine.answers.append((r"POST /containers/create", lambda: Answer(500, json=refusal)))
    with pytest.raises(ApiError, match="no such thing") as caught:
        run("trace run busybox")
    found = caught.value.result
    assert list(found["STATUS"]) == [200, 500]
    assert found["ANSWER"][1] == "no such thing"
    assert found.sequence[-1].failed


def test_an_engine_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "tcp://127.0.0.1:1")
    with pytest.raises(DockerMagicsError) as caught:
        run("trace ps")
    assert list(caught.value.result["STATUS"]) == [0]
    assert "no answer" in repr(caught.value.result)


def test_a_wrong_line_sends_nothing(engine: FakeEngine) -> None:
    with pytest.raises(FlagError):
        run("trace run --no-such-flag x")
    assert run("trace --help").startswith("Usage:  docker trace COMMAND")
    assert run("trace run --help").startswith("Usage:  docker container run")
    assert engine.requests == []


@pytest.mark.parametrize(
    "line",
    [
        "trace login -u ann -p s3cret localhost:5000",
        "trace run -e DB_PASSWORD=s3cret -e API_TOKEN='s3cret s3cret' busybox",
        "trace run busybox mysql --password s3cret",
        "trace run busybox mysql --password=s3cret",
        "trace run --env-file {secrets} busybox",
        "trace swarm join --token s3cret 10.0.0.1",
        "trace pull localhost:5000/a",
        "trace secret create name {secrets}",
    ],
)
def test_secrets_are_not_shown(line: str, engine: FakeEngine, tmp_path: Any) -> None:
    engine.answers.append((r"POST /auth", lambda: {"Status": "ok", "IdentityToken": "s3cret"}))
    engine.answers.append((r"POST /images/create", lambda: lines(_PULL)))
    config = tmp_path / "config.json"
    auth = base64.b64encode(b"ann:s3cret").decode()
    config.write_text(json.dumps({"auths": {"localhost:5000": {"auth": auth}}}))
    secrets = tmp_path / "secrets.env"
    secrets.write_text("MY_SECRET=s3cret\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DOCKER_CONFIG", str(tmp_path))
        found = run(line, namespace={"secrets": str(secrets)})
    everything = f"{found._repr_html_()}{found!r}{found.to_csv()}{found.steps.to_csv()}"
    for hidden in ("s3cret", auth, base64.b64encode(b"MY_SECRET=s3cret\n").decode()):
        assert hidden not in everything


def test_masked() -> None:
    assert mask({"buildargs": '{"TOKEN": "x", "A": "1"}'}) == {
        "buildargs": '{"TOKEN": "•••", "A": "1"}'
    }
    assert mask({"remote": "https://me:pw@host/a.git"}) == {"remote": "https://•••@host/a.git"}
    assert mask(["-e", "A=1", "PATH=/bin"]) == ["-e", "A=1", "PATH=/bin"]
    assert mask({"Name": "web", "Env": None, "Tty": True}) == {
        "Name": "web",
        "Env": None,
        "Tty": True,
    }


def test_the_picture_is_read_aloud_and_escaped(engine: FakeEngine) -> None:
    hostile = "<script>alert(1)</script>"
    engine.answers.append(
        (r"POST /containers/create", lambda: Answer(500, json={"message": hostile}))
    )
    with pytest.raises(ApiError) as caught:
        run("trace run busybox", namespace={})
    page = caught.value.result._repr_html_()
    assert "<script" not in page
    picture = ET.fromstring(page[page.index("<svg") : page.index("</svg>") + 6])  # noqa: S314
    title, description = (picture.find(f"{_SVG}{name}") for name in ("title", "desc"))
    assert title is not None
    assert str(title.text).startswith("docker container run: 2 requests in")
    assert description is not None
    assert "client -> engine" in str(description.text)
    assert "#1f1f1f" in page
    assert "var(--jp-content-font-color1" in page


def test_a_long_way_is_cut_in_the_picture() -> None:
    steps = [Step(each / 1000, Lane.CLIENT, Lane.ENGINE, "GET /x", each) for each in range(200)]
    headings = {lane: (lane.title, "") for lane in Lane}
    assert "and 120 more, in the table" in sequence_diagram("many", steps, headings)


def test_the_picture_is_headed_in_korean(
    engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert engine
    monkeypatch.setenv("DOCKER_MAGICS_LANG", "ko")
    page = run("trace ps", namespace={})._repr_html_()
    for word in ("docker container ls: ", "동안 오간 요청 2개", ">클라이언트<", ">이 노트북<"):
        assert word in page


def test_other_engines_are_not_watched(engine: FakeEngine) -> None:
    plain = Engine(Address(engine.host))
    watch = TraceRecorder()
    watched = plain.recorded(watch)
    plain.get("/info")
    watched.get("/info")
    assert [each.path for each in watch.exchanges] == ["/_ping", "/info"]
    watch.stop()
    watched.get("/info")
    assert len(watch.exchanges) == 2
    plain.close()
    watched.close()


def test_threads_may_send_at_once(engine: FakeEngine) -> None:
    watch = TraceRecorder()
    watched = Engine(Address(engine.host)).recorded(watch)
    threads = [threading.Thread(target=lambda: watched.get("/info")) for _ in range(20)]
    assert watched.api_version
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    watched.close()
    assert [each.status for each in watch.exchanges] == [200] * 21
    assert all(each.end is not None for each in watch.exchanges)


@contextmanager
def shell() -> Iterator[InteractiveShell]:
    """IPython with the magics."""
    made = InteractiveShell.instance()
    made.run_line_magic("load_ext", "docker_magics")
    try:
        yield made
    finally:
        made.run_line_magic("unload_ext", "docker_magics")
        InteractiveShell.clear_instance()


def test_in_a_cell_the_exit_code_is_the_command_s(engine: FakeEngine) -> None:
    engine.answers.append((r"POST /containers/.+/wait", lambda: {"StatusCode": 3}))
    with shell() as ipython:
        ipython.run_line_magic("docker", "trace run busybox false")
        assert ipython.user_ns["_exit_code"] == 3


def test_in_a_cell_a_failed_command_shows_its_trace(
    engine: FakeEngine, capsys: pytest.CaptureFixture[str]
) -> None:
    engine.answers.append((r"POST /containers/create", lambda: Answer(500, json={"message": "no"})))
    with shell() as ipython, pytest.raises(ApiError):
        ipython.run_line_magic("docker", "trace run busybox")
    assert "client -> engine" in capsys.readouterr().out
