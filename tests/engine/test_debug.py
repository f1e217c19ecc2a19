"""docker debug shows the processes, network and files of a container without tools."""

from __future__ import annotations

import io
import uuid
from collections.abc import Iterator

import pytest
from engine.differences import differs, skip_where_different

from docker_magics import docker
from docker_magics.cli.terminal import Terminal
from docker_magics.errors import NotFound, UsageError
from docker_magics.session import Session


@pytest.fixture
def target(engine: str) -> Iterator[str]:
    """A running container of another user, whose image has one program and no shell."""
    assert engine
    name = f"debug-{uuid.uuid4().hex[:8]}"
    docker("build -t {name} -", name=name, input=_DOCKERFILE)
    docker("run -d --name {name} --hostname bare --user 1000 {name}", name=name)
    yield name
    docker("rm -f {name}", name=name)
    docker("rmi -f {name}", name=name)


@pytest.fixture
def debugged(target: str, address: str) -> str:
    """The container, on engines where it can be debugged."""
    skip_where_different(address, "docker debug", lambda: _debug(target, "true"))
    return target


_DOCKERFILE = """
FROM busybox AS tools
RUN echo secret > /mine && chmod 600 /mine && chown 1000 /mine
FROM scratch
COPY --from=tools /bin/busybox /bin/sleep
COPY --from=tools /mine /mine
CMD ["/bin/sleep", "1000"]
"""


def _debug(name: str, command: str) -> str:
    return str(docker("debug -c {command} {name}", command=command, name=name))


def test_processes_files_and_network(debugged: str) -> None:
    assert _debug(debugged, "cat mine; ls bin; cat /proc/1/comm") == "secret\nsleep\nsleep"
    namespaces = _debug(debugged, "readlink /proc/self/ns/net; readlink /proc/1/ns/net")
    own, others = namespaces.splitlines()
    assert own == others
    _debug(debugged, "echo changed > /proc/1/root/new")
    assert _debug(debugged, "cat new") == "changed"


def test_exit_code_and_input(debugged: str, address: str) -> None:
    result = docker("debug -c {command} {name}", command="cat; exit 3", name=debugged, input=b"in")
    code = 0 if differs(address, "the exit code of run --rm") else 3
    assert (result, result.exit_code) == ("in", code)


def test_a_shell(debugged: str) -> None:
    terminal = Terminal(io.BytesIO(b"pwd; echo $((20 + 3))\n"), has_input=True)
    output = str(Session().run(f"debug {debugged}", terminal=terminal))
    assert "/proc/1/root" in output
    assert "23" in output


def test_what_cannot_be_debugged(target: str) -> None:
    with pytest.raises(NotFound):
        docker("debug nosuch")
    docker("stop -t 0 {name}", name=target)
    with pytest.raises(UsageError, match=f"cannot debug {target}: it is not running"):
        docker("debug {name}", name=target)
