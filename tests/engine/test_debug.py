"""docker debug shows the processes, network and files of a container without tools."""

from __future__ import annotations

import io
import tarfile
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


def test_processes_files_and_network(target: str, address: str) -> None:
    skip_where_different(address, "docker debug", lambda: _share_processes(target))
    assert _debug(target, "cat mine; ls bin; cat /proc/1/comm") == "secret\nsleep\nsleep"
    namespaces = _debug(target, "readlink /proc/self/ns/net; readlink /proc/1/ns/net")
    own, others = namespaces.splitlines()
    assert own == others
    _debug(target, "echo changed > /proc/1/root/new")
    assert _debug(target, "cat new") == "changed"


def test_exit_code_and_input(target: str, address: str) -> None:
    result = docker("debug -c {command} {name}", command="cat; exit 3", name=target, input=b"in")
    code = 0 if differs(address, "the exit code of run --rm") else 3
    assert (result, result.exit_code) == ("in", code)


def test_a_shell(target: str, address: str) -> None:
    terminal = Terminal(io.BytesIO(b"pwd; echo $((20 + 3))\n"), has_input=True)
    output = str(Session().run(f"debug {target}", terminal=terminal))
    assert ("/debug" if differs(address, "docker debug") else "/proc/1/root") in output
    assert docker("debug -c {command} {name}", command="cat mine", name=target) == "secret"
    assert "23" in output


def test_a_copy_of_what_does_not_run(target: str, address: str) -> None:
    """A stopped container's files, then the image's; the container stays as it is."""
    docker("cp - {name}:/", name=target, input=_archive("added"))
    docker("stop -t 0 {name}", name=target)
    assert _debug(target, "cat mine; ls bin; ls -d added; touch new") == "secret\nsleep\nadded"
    assert "new" not in _debug(target, "ls")
    docker("rm {name}", name=target)
    result = docker(
        "debug -c {command} {name}", command="ls; cat; exit 3", name=target, input=b"in"
    )
    assert {"bin", "mine", "in"} <= set(str(result).split())
    assert "added" not in str(result)
    assert result.exit_code == (0 if differs(address, "the exit code of run --rm") else 3)
    terminal = Terminal(io.BytesIO(b"pwd; echo $((20 + 3))\n"), has_input=True)
    output = str(Session().run(f"debug --shell sh {target}", terminal=terminal))
    assert "/debug" in output
    assert "23" in output
    assert target not in str(docker("ps -a --format {{.Image}}"))


def _archive(name: str) -> bytes:
    """Return a tar archive of an empty file, without padding: Podman 4.3 may not read it."""
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w") as tar:
        tar.addfile(tarfile.TarInfo(name))
    return content.getvalue()[: 3 * tarfile.BLOCKSIZE]


def test_what_does_not_exist(engine: str) -> None:
    assert engine
    with pytest.raises(NotFound):
        docker("debug nosuch")


def test_the_processes_of_another_container(target: str, address: str) -> None:
    skip_where_different(address, "docker debug", lambda: _share_processes(target))
    other = _share_processes(target)
    try:
        with pytest.raises(UsageError, match=f"cannot debug {other}: it shares the processes of"):
            docker("debug {other}", other=other)
    finally:
        docker("rm -f {other}", other=other)


def _share_processes(target: str) -> str:
    """Run a container with the processes of another one."""
    other = f"{target}-other"
    docker("run -d --rm --name {other} --pid container:{name} {name}", name=target, other=other)
    return other
