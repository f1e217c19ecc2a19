"""docker trace shows the sent requests without secrets."""

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
    return Answer(raw=b"".join(json.dumps(message).encode() + b"\r\n" for message in messages))


def run(line: str, **options: Any) -> Any:
    return Session().run(line, **options)


def steps(trace: Any) -> list[tuple[str, str, str]]:
    """Return (sender, receiver, text) of the steps other than those between client and engine."""
    return [
        (step.sender.title, step.receiver.title, step.text)
        for step in trace.sequence
        if {step.sender, step.receiver} != {Lane.CLIENT, Lane.ENGINE}
    ]


def test_rows_are_the_sent_requests(engine: FakeEngine) -> None:
    trace = run("trace run --rm --name web busybox echo hi")
    assert list(zip(trace["METHOD"], trace["PATH"], strict=True)) == [
        (request.method, request.path) for request in engine.requests
    ]
    sent = engine.requests[1].body
    shown = json.loads(trace["BODY"][1])
    assert shown["Image"] == sent["Image"] == "busybox"
    assert shown["Cmd"] == ["echo", "hi"]
    assert trace["QUERY"][1] == "name=web"
    assert list(trace["STATUS"]) == [200, 200, 101, 200, 204]


def test_columns_have_types(engine: FakeEngine) -> None:  # noqa: ARG001
    trace = run("trace ps")
    kinds = {name: pd.api.types.infer_dtype(trace[name]) for name in trace.columns}
    assert kinds == {
        **dict.fromkeys(("START", "DURATION"), "floating"),
        **dict.fromkeys(("METHOD", "PATH", "QUERY", "BODY", "ANSWER"), "string"),
        **dict.fromkeys(("STATUS", "SIZE"), "integer"),
    }
    assert (trace["START"].diff()[1:] >= 0).all()
    assert (trace["DURATION"] > 0).all()
    assert list(trace.steps.columns) == ["AT", "FROM", "TO", "REQUEST", "WHAT"]
    assert trace.steps["AT"].is_monotonic_increasing


def test_the_trace_contains_the_command_s_result(engine: FakeEngine) -> None:  # noqa: ARG001
    trace = run("trace ps")
    assert trace.result.columns[0] == "CONTAINER ID"
    assert repr(trace).startswith("CONTAINER ID")
    assert trace._repr_html_().index("CONTAINER ID") < trace._repr_html_().index("<svg")
    ran = run("trace run --rm busybox")
    assert isinstance(ran.result, Output)
    assert ran.exit_code == 0


def test_steps_of_a_container(engine: FakeEngine) -> None:
    engine.answers.append((r"POST /containers/.+/wait", lambda: {"StatusCode": 3}))
    trace = run("trace run busybox false")
    assert trace.exit_code == 3
    assert [step for step in steps(trace) if "output" not in step[2]] == [
        ("engine", "container", "create"),
        ("engine", "container", "attach"),
        ("engine", "container", "start"),
        ("container", "engine", "exit code 3"),
    ]
    assert ("container", "client", "output 0B, input 0B") in steps(trace)


def test_steps_of_a_pull_come_from_the_engine_s_messages(engine: FakeEngine) -> None:
    engine.answers.append((r"POST /images/create", lambda: lines(_PULL)))
    trace = run("trace pull nginx")
    assert steps(trace) == [
        ("engine", "registry", "Pulling from library/nginx"),
        ("registry", "engine", "aaaaaaaaaaaa: Download complete, 3MB"),
    ]
    assert trace["ANSWER"][1] == "Status: Downloaded newer image for nginx:latest"


def test_unused_lanes_are_not_drawn(engine: FakeEngine) -> None:
    present = [_PULL[0], {"status": "Status: Image is up to date for nginx:latest"}]
    engine.answers.append((r"POST /images/create", lambda: lines(present)))
    assert steps(run("trace pull nginx")) == [("engine", "registry", "Pulling from library/nginx")]
    assert steps(run("trace ps")) == []


def test_the_error_of_a_command_carries_its_trace(engine: FakeEngine) -> None:
    refusal = {"message": "no such thing"}
    engine.answers.append((r"POST /containers/create", lambda: Answer(500, json=refusal)))
    with pytest.raises(ApiError, match="no such thing") as caught:
        run("trace run busybox")
    trace = caught.value.result
    assert list(trace["STATUS"]) == [200, 500]
    assert trace["ANSWER"][1] == "no such thing"
    assert trace.sequence[-1].failed


def test_an_unreachable_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "tcp://127.0.0.1:1")
    with pytest.raises(DockerMagicsError) as caught:
        run("trace ps")
    assert list(caught.value.result["STATUS"]) == [0]
    assert "no answer" in repr(caught.value.result)


def test_a_wrong_line_sends_no_requests(engine: FakeEngine) -> None:
    with pytest.raises(FlagError):
        run("trace run --no-such-flag x")
    assert run("trace --help").startswith("Usage:  docker trace COMMAND")
    assert run("trace run --help").startswith("Usage:  docker run ")
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
        trace = run(line, namespace={"secrets": str(secrets)})
    everything = f"{trace._repr_html_()}{trace!r}{trace.to_csv()}{trace.steps.to_csv()}"
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


def test_the_picture_has_a_text_alternative_and_is_escaped(engine: FakeEngine) -> None:
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


def test_a_long_sequence_is_truncated_in_the_picture() -> None:
    steps = [
        Step(number / 1000, Lane.CLIENT, Lane.ENGINE, "GET /x", number) for number in range(200)
    ]
    headings = {lane: (lane.title, "") for lane in Lane}
    assert "and 120 more, in the table" in sequence_diagram("many", steps, headings)


def test_the_picture_has_korean_headings(
    engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert engine
    monkeypatch.setenv("DOCKER_MAGICS_LANG", "ko")
    page = run("trace ps", namespace={})._repr_html_()
    assert "<summary>요청</summary>" in page
    for word in ("docker container ls: ", "동안 오간 요청 2개", ">클라이언트<", ">이 노트북<"):
        assert word in page
    assert " 뒤: " in page
    assert "after" not in page


def test_other_engines_are_not_watched(engine: FakeEngine) -> None:
    plain = Engine(Address(engine.host))
    watch = TraceRecorder()
    watched = plain.recorded(watch)
    plain.get("/info")
    watched.get("/info")
    assert [exchange.path for exchange in watch.exchanges] == ["/_ping", "/info"]
    watch.stop()
    watched.get("/info")
    assert len(watch.exchanges) == 2
    plain.close()
    watched.close()


def test_concurrent_requests_of_threads(engine: FakeEngine) -> None:
    watch = TraceRecorder()
    watched = Engine(Address(engine.host)).recorded(watch)
    threads = [threading.Thread(target=lambda: watched.get("/info")) for _ in range(20)]
    assert watched.api_version
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    watched.close()
    assert [exchange.status for exchange in watch.exchanges] == [200] * 21
    assert all(exchange.end is not None for exchange in watch.exchanges)


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
