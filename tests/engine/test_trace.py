"""docker trace on real engines."""

from __future__ import annotations

import io

import pytest
from engine.differences import differs

from docker_magics import docker
from docker_magics.cli.terminal import Terminal
from docker_magics.errors import DockerMagicsError, NotFound
from docker_magics.session import shared


def paths(trace: object) -> list[str]:
    """Return the traced requests as "METHOD /path", with IDs replaced by "ID"."""
    rows = zip(trace["METHOD"], trace["PATH"], strict=True)  # type: ignore[index]
    return [
        f"{method} " + "/".join("ID" if len(part) == 64 else part for part in path.split("/"))
        for method, path in rows
    ]


def test_trace_of_run(engine: str) -> None:  # noqa: ARG001
    trace = docker("trace run --rm hello-world")
    assert "Hello from Docker" in trace.result
    assert trace.exit_code == trace.result.exit_code == 0
    assert paths(trace)[-4:] == [
        "POST /containers/create",
        "POST /containers/ID/attach",
        "POST /containers/ID/wait",
        "POST /containers/ID/start",
    ]
    assert set(trace["STATUS"]) <= {101, 200, 201, 204}
    assert trace["DURATION"].notna().all()
    steps = list(zip(trace.steps["FROM"], trace.steps["TO"], trace.steps["WHAT"], strict=True))
    assert ("engine", "container", "start") in steps
    assert ("container", "engine", "exit code 0") in steps
    assert [what for source, _, what in steps if source == "container" and "output" in what]
    assert "registry" not in {*trace.steps["FROM"], *trace.steps["TO"]}


def test_trace_shows_the_exit_code(engine: str) -> None:  # noqa: ARG001
    # Podman 4.3 reports 0 for a removed container, so this one is not run with --rm.
    trace = docker("trace run --name traced busybox sh -c 'exit 7'")
    docker("rm traced")
    assert trace.exit_code == 7
    assert "exit code 7" in list(trace["ANSWER"])


def test_trace_of_ps(engine: str) -> None:  # noqa: ARG001
    trace = docker("trace ps -a")
    assert paths(trace) == ["HEAD /_ping", "GET /containers/json"]
    assert list(trace.result.columns) == list(docker("ps -a").columns)


def test_trace_of_logs_and_exec(engine: str) -> None:  # noqa: ARG001
    docker("run -d --name traced busybox sh -c 'echo out; sleep 1000'")
    try:
        trace = docker("trace exec traced echo hi")
        assert trace.result == "hi"
        assert ("engine", "container") in set(
            zip(trace.steps["FROM"], trace.steps["TO"], strict=True)
        )
        logs = docker("trace logs traced")
        assert logs.result == "out"
        assert [what for what in logs.steps["WHAT"] if what.startswith("its output")]
        with_input = docker("trace exec -i traced cat", input="abc")
        assert with_input.result == "abc"
        assert [what for what in with_input.steps["WHAT"] if what.endswith("input 3B")]
    finally:
        docker("rm -f traced")


def test_trace_of_build(engine: str) -> None:  # noqa: ARG001
    terminal = Terminal(io.BytesIO(b"FROM busybox\nRUN echo 1\n"), has_input=True)
    trace = shared().run("trace build -t traced:1 -", terminal=terminal)
    docker("rmi -f traced:1")
    assert "POST /build" in paths(trace)
    assert trace["STATUS"][paths(trace).index("POST /build")] == 200


def test_a_failed_command_carries_its_trace(engine: str) -> None:  # noqa: ARG001
    with pytest.raises(NotFound) as caught:
        docker("trace rm no-such-container")
    trace = caught.value.result
    assert list(trace["STATUS"])[-1] == 404
    assert "no-such-container" in list(trace["ANSWER"])[-1]


def test_trace_of_pull(with_registry: str, registry: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Steps of the registry come from the engine's messages; a second pull downloads no layer."""
    monkeypatch.setenv("DOCKER_HOST", with_registry)
    name = f"{registry}/traced/busybox:1"
    docker("tag busybox {name}", name=name)
    docker("push {name}", name=name)
    docker("rmi -f {name} busybox", name=name)
    try:
        trace = docker("trace pull {name}", name=name)
        assert paths(trace)[-1] == "POST /images/create"
        routes = set(zip(trace.steps["FROM"], trace.steps["TO"], strict=True))
        assert ("engine", "registry") in routes or ("registry", "engine") in routes
        again = docker("trace pull {name}", name=name)
        downloads = again.steps["WHAT"].str.contains("Download complete").any()
        assert downloads == differs(with_registry, "layers that are there")
        missing = f"{registry}/traced/nothing:1"
        with pytest.raises(DockerMagicsError) as caught:
            docker("trace pull {name}", name=missing)
        assert "nothing" in " ".join(caught.value.result["ANSWER"])
    finally:
        docker("tag {name} busybox", name=name)
        docker("rmi {name}", name=name)
