"""The course's diagrams: escaped, with a text alternative and values from the engine."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from typing import Any

import pytest
from IPython.lib.pretty import pretty

from docker_magics.course import diagrams
from docker_magics.course.diagrams import isolation
from docker_magics.errors import UsageError
from docker_magics.results.drawing import Picture, arrow, box, fitted

Fake = Any  # tests/unit/course/conftest.py: FakeSession

EVIL = "</svg><script>x</script>\x1b[2J"


def test_texts_are_escaped() -> None:
    picture = Picture(EVIL, 100, box(0, 30, 200, 60, [EVIL], heading=EVIL), [EVIL])
    root = ET.fromstring(picture._repr_html_())  # noqa: S314 - it is ours
    assert root.findall(".//{*}script") == []
    assert "\x1b" not in pretty(picture)


def test_diagrams_have_a_text_alternative() -> None:
    picture = Picture("Life", 100, arrow(0, 5, 20, 5, "start"), ["created", "running"])
    root = ET.fromstring(picture._repr_html_())  # noqa: S314
    assert root.get("role") == "img"
    assert root.findtext("{*}title") == "Life"
    assert root.findtext("{*}desc") == "created\nrunning"
    assert pretty(picture) == "Life\n  created\n  running"


@pytest.mark.parametrize(
    ("text", "width", "shown"),
    [
        ("short", 100, "short"),
        ("a" * 40, 70, "a" * 9 + "…"),
        ("컨테이너가 없어요", 70, "컨테이너가…"),
    ],
)
def test_long_texts_are_truncated(text: str, width: float, shown: str) -> None:
    assert fitted(text, width) == shown


def lines(picture: Picture) -> list[str]:
    """Return the text alternative; check that the SVG is well-formed and contains the title."""
    root = ET.fromstring(picture._repr_html_())  # noqa: S314
    assert picture.title in [element.text for element in root.iter() if element.text]
    return list(picture.lines)


def test_a_vertical_arrow_has_its_label_beside_it() -> None:
    assert ET.fromstring(f"<g>{arrow(10, 0, 10, 50, 'down')}</g>").findtext("text") == "down"  # noqa: S314
    assert "<text" not in arrow(0, 5, 20, 5)


def test_client_and_daemon(fake: Fake) -> None:
    fake.objects["/version"] = {"Version": "27.3.1", "Os": "linux", "Arch": "arm64"}
    fake.objects["/info"] = {"Containers": 2, "Images": 5, "IndexServerAddress": ""}
    client, address, daemon, registry = lines(diagrams.client_and_daemon(lang="en"))
    assert "speaks API 1.47" in client
    assert address == "they talk over unix:///run/docker.sock"
    assert "engine 27.3.1; on linux/arm64; 2 containers, 5 images" in daemon
    assert registry.startswith("registry: Docker Hub;")
    assert "엔진 27.3.1" in lines(diagrams.client_and_daemon(lang="ko"))[2]


@pytest.mark.parametrize(
    ("state", "line"),
    [
        ({}, "sleep 600; in place of: sh -c date; runs as process 42"),
        (
            {"Status": "created", "Running": False},
            "sleep 600; in place of: sh -c date; not started yet: docker start",
        ),
        (
            {"Status": "exited", "Running": False, "ExitCode": 3},
            "sleep 600; in place of: sh -c date; ended with code 3",
        ),
    ],
)
def test_three_steps(fake: Fake, state: dict[str, Any], line: str) -> None:
    fake.container("web", State=state)
    fake.image("sha256:1", Cmd=["sh", "-c", "date"])
    fake.history("sha256:1", ("FROM", 3_000_000), ("CMD", 0), ("RUN", 1_000_000))
    fake.objects["/containers/web/changes"] = [{"Path": "/x", "Kind": 1}]
    picture = diagrams.three_steps("web", lang="en")
    image, place, files, command = lines(picture)
    assert picture.title == "From the image to the container web"
    assert image == "image busybox: file snapshot: 4MB; start command: sh -c date"
    assert "ID cccccccccccc; host name host; network bridge: 172.17.0.2" in place
    assert "2 layers of the image: 4MB" in files
    assert "+ its own to write: 1 change" in files
    assert command == f"3 a command runs: {line}"


@pytest.fixture
def isolated(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> Fake:
    """Set up an engine with a container that shares only the network with this notebook."""
    outside = "\n".join(f"{kind}:[1]" for kind in ("pid", "net", "mnt", "uts", "ipc"))
    monkeypatch.setattr(isolation, "_outside", lambda: outside)
    fake.container(
        "web", HostConfig={"Memory": 64 << 20, "NanoCpus": 500_000_000, "PidsLimit": None}
    )
    fake.objects["/info"] = {"Warnings": ["WARNING: No swap limit support", "WARNING: other"]}
    fake.outputs["exec web sh -c for kind"] = "pid:[2]\nnet:[1]\nmnt:[3]\n"
    fake.outputs["exec web sh -c cd"] = (
        "memory.max 67108864\nmemory.current 1048576\npids.current 2\n"
    )
    return fake


def test_namespaces(isolated: Fake) -> None:  # noqa: ARG001
    described = lines(diagrams.namespaces("web", lang="en"))
    assert "pid (processes): 1 outside, 2 in the container" in described
    assert "net (network): shared, 1" in described
    assert "The container's first process is 1 inside, and 42 on the host." in described
    assert described[-1] == "The engine says: No swap limit support"


def test_a_shared_pid_namespace_has_one_number(isolated: Fake) -> None:
    isolated.outputs["exec web sh -c for kind"] = "pid:[1]\n"
    described = lines(diagrams.namespaces("web", lang="en"))
    assert "The container's first process is 42 on both sides." in described


@pytest.mark.parametrize("draw", [diagrams.namespaces, diagrams.cgroups])
def test_a_stopped_container_has_no_picture(fake: Fake, draw: Any) -> None:
    fake.container("web", State={"Status": "exited", "Running": False})
    with pytest.raises(UsageError, match="cannot draw web: it is not running"):
        draw("web", lang="en")


@pytest.mark.parametrize(
    ("status", "line"),
    [("created", "network bridge: no IP yet"), ("exited", "network bridge: IP given back")],
)
def test_a_container_has_an_address_while_it_runs(fake: Fake, status: str, line: str) -> None:
    networks = {"Networks": {"bridge": {"IPAddress": ""}}}
    state = {"Status": status, "Running": False}
    fake.container("web", State=state, NetworkSettings=networks)
    fake.image("sha256:1", Cmd=["sleep", "600"])
    fake.history("sha256:1", ("FROM", 3_000_000))
    _, place, _, command = lines(diagrams.three_steps("web", lang="en"))
    assert line in place
    assert command.startswith("3 the start command runs: sleep 600;")


def test_docker_hub_has_its_name(fake: Fake) -> None:
    fake.objects["/version"] = {"Version": "27.3.1", "Os": "linux", "Arch": "arm64"}
    address = "https://index.docker.io/v1/"
    fake.objects["/info"] = {"Containers": 2, "Images": 5, "IndexServerAddress": address}
    assert lines(diagrams.client_and_daemon(lang="en"))[3].startswith("registry: Docker Hub;")


def test_cgroups(isolated: Fake) -> None:  # noqa: ARG001
    memory, cpu, processes, warning = lines(diagrams.cgroups("web", lang="en"))
    assert memory.startswith("memory: asked for: 64MiB; ")
    assert "memory.max: 67108864; in use now: 1MiB" in memory
    assert cpu.startswith("CPU: asked for: 0.5 CPU; ")
    assert "none: no limit is enforced here" in cpu
    assert processes.endswith("in use now: 2")
    assert "swap" in warning


@pytest.mark.parametrize(
    ("status", "title"),
    [
        ("running", "The life cycle of a container: web, running"),
        ("restarting", "The life cycle of a container: web, running"),
        ("dead", "The life cycle of a container: web, exited"),
    ],
)
def test_life_cycle_of_a_container(fake: Fake, status: str, title: str) -> None:
    state = {
        "Status": status,
        "StartedAt": "2026-11-24T15:01:02Z",
        "FinishedAt": "0001-01-01T00:00:00Z",
    }
    fake.container("web", State=state)
    picture = diagrams.life_cycle("web", lang="en")
    assert picture.title == title
    assert lines(picture) == ["created: 15:00:00 UTC", "running: 15:01:02 UTC"]


def test_life_cycle_without_a_container(fake: Fake) -> None:  # noqa: ARG001
    assert lines(diagrams.life_cycle(lang="en"))[0] == "docker create: created"
    assert diagrams.life_cycle("gone", lang="en").title == (
        "The life cycle of a container: gone, not there (deleted, or never created)"
    )


def test_machine_and_container(fake: Fake) -> None:
    fake.objects["/info"] = {
        "KernelVersion": "6.1.0",
        "Warnings": ["WARNING: No memory limit support"],
    }
    fake.image("busybox")
    machines, _, containers, notes, warning = lines(diagrams.machine_and_container(lang="en"))
    assert machines.startswith(
        "Virtual machines: program / its libraries / guest OS, own kernel / hypervisor"
    )
    assert "the host's kernel, shared: Linux 6.1.0" in containers
    assert "costs: its process; 4MB of files" in notes
    assert warning == "This engine says: No memory limit support"
