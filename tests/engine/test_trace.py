"""trace on real engines: what it shows is what happened."""

from __future__ import annotations

import io

import pytest
from engine.differences import differs

from docker_magics import docker
from docker_magics.cli.terminal import Terminal
from docker_magics.errors import DockerMagicsError, NotFound
from docker_magics.session import shared


def paths(trace: object) -> list[str]:
    """Methods and paths, IDs left out."""
    rows = zip(trace["METHOD"], trace["PATH"], strict=True)  # type: ignore[index]
    return [
        f"{method} " + "/".join("ID" if len(part) == 64 else part for part in path.split("/"))
        for method, path in rows
    ]


def test_run(engine: str) -> None:  # noqa: ARG001
    found = docker("trace run --rm hello-world")
    assert "Hello from Docker" in found.result
    assert found.exit_code == found.result.exit_code == 0
    assert paths(found)[-4:] == [
        "POST /containers/create",
        "POST /containers/ID/attach",
        "POST /containers/ID/wait",
        "POST /containers/ID/start",
    ]
    assert set(found["STATUS"]) <= {101, 200, 201, 204}
    assert found["DURATION"].notna().all()
    said = list(zip(found.steps["FROM"], found.steps["TO"], found.steps["WHAT"], strict=True))
    assert ("engine", "container", "start") in said
    assert ("container", "engine", "exit code 0") in said
    assert [what for start, _, what in said if start == "container" and "output" in what]
    assert "registry" not in {*found.steps["FROM"], *found.steps["TO"]}


def test_a_process_that_fails(engine: str) -> None:  # noqa: ARG001
    # Podman 4.3 says 0 of a container that is gone, so this one stays until it was asked.
    found = docker("trace run --name traced busybox sh -c 'exit 7'")
    docker("rm traced")
    assert found.exit_code == 7
    assert "exit code 7" in list(found["ANSWER"])


def test_a_listing(engine: str) -> None:  # noqa: ARG001
    found = docker("trace ps -a")
    assert paths(found) == ["HEAD /_ping", "GET /containers/json"]
    assert list(found.result.columns) == list(docker("ps -a").columns)


def test_logs_and_exec(engine: str) -> None:  # noqa: ARG001
    docker("run -d --name traced busybox sh -c 'echo out; sleep 1000'")
    try:
        found = docker("trace exec traced echo hi")
        assert found.result == "hi\n"
        assert ("engine", "container") in set(
            zip(found.steps["FROM"], found.steps["TO"], strict=True)
        )
        logs = docker("trace logs traced")
        assert logs.result == "out\n"
        assert [what for what in logs.steps["WHAT"] if what.startswith("its output")]
        typed = docker("trace exec -i traced cat", input="abc")
        assert typed.result == "abc"
        assert [what for what in typed.steps["WHAT"] if what.endswith("input 3B")]
    finally:
        docker("rm -f traced")


def test_a_build(engine: str) -> None:  # noqa: ARG001
    terminal = Terminal(io.BytesIO(b"FROM busybox\nRUN echo 1\n"), has_input=True)
    found = shared().run("trace build -t traced:1 -", terminal=terminal)
    docker("rmi -f traced:1")
    assert "POST /build" in paths(found)
    assert found["STATUS"][paths(found).index("POST /build")] == 200


def test_an_error(engine: str) -> None:  # noqa: ARG001
    with pytest.raises(NotFound) as caught:
        docker("trace rm no-such-container")
    found = caught.value.result
    assert list(found["STATUS"])[-1] == 404
    assert "no-such-container" in list(found["ANSWER"])[-1]


def test_a_pull(with_registry: str, registry: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the registry did is what the engine told of it: the second time, no layer comes."""
    monkeypatch.setenv("DOCKER_HOST", with_registry)
    name = f"{registry}/traced/busybox:1"
    docker("tag busybox {name}", name=name)
    docker("push {name}", name=name)
    docker("rmi -f {name} busybox", name=name)
    try:
        found = docker("trace pull {name}", name=name)
        assert paths(found)[-1] == "POST /images/create"
        ways = set(zip(found.steps["FROM"], found.steps["TO"], strict=True))
        assert ("engine", "registry") in ways or ("registry", "engine") in ways
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
