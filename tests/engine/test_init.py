"""The Dockerfiles of docker init build, on real engines.

The images of the languages come from Docker Hub, which the tests do not use: stand-ins of busybox
have programs of the same names, which write the files that the real ones would.
"""

from __future__ import annotations

import io
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from docker_magics import docker

_TOOL = '#!/bin/sh\necho "$(basename $0) $*" >> /log\n'
_PROGRAMS = {
    "python": f'{_TOOL}[ -n "$1" ] && cat "$1"',
    "pip": _TOOL,
    "useradd": '#!/bin/sh\necho "$4:x:$2:$2::/:/bin/sh" >> /etc/passwd',
    "npm": f"{_TOOL}[ \"$*\" != 'run build' ] || {{ mkdir dist; echo built > dist/index.html; }}",
    "go": f"{_TOOL}[ $1 != build ] || {{ echo '#!/bin/sh' ; echo echo built; }} > /bin/app\n"
    "[ $1 != build ] || chmod +x /bin/app",
    "mvn": f"{_TOOL}mkdir -p target; echo built > target/x-1.jar; touch target/original-x-1.jar",
    "java": "#!/bin/sh\ncat $2",
}
_BASES = (
    *("python:3.13-slim", "node:22-slim", "nginx:alpine", "golang:1.24", "alpine:3"),
    *("maven:3-eclipse-temurin-17", "eclipse-temurin:17-jre"),
)
#: Name -> the files of a project, and what its image prints.
_PROJECTS = {
    "python": ({"requirements.txt": "x\n", "main.py": "hello\n"}, "hello"),
    "node": (
        {
            "package.json": '{"scripts": {"build": "vite build"}, "dependencies": {"vite": "7"}}',
            "package-lock.json": "{}",
        },
        "built",
    ),
    "go": ({"go.mod": "module x\n\ngo 1.24\n", "main.go": "package main\n"}, "built"),
    "java": ({"pom.xml": "<java.version>17</java.version>"}, "built"),
    "site": ({"index.html": "built\n"}, "built"),
}


@pytest.fixture(scope="module", autouse=True)
def bases(address: str) -> Iterator[None]:
    """The stand-ins of the languages' images."""
    lines = ["FROM busybox", "RUN echo node:x:1000:1000::/:/bin/sh >> /etc/passwd"]
    lines += [f"COPY {name} /usr/local/bin/" for name in _PROGRAMS]
    lines += ["RUN touch /log && chmod 666 /log", "CMD cat /usr/share/nginx/html/index.html"]
    tags = [word for base in _BASES for word in ("-t", base)]
    docker("-H {address} build {tags} -", address=address, tags=tags, input=_archive(lines))
    yield
    docker("-H {address} rmi -f {bases}", address=address, bases=list(_BASES))


def _archive(lines: list[str]) -> bytes:
    """Return a build context as a tar."""
    import tarfile

    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name, text in {**_PROGRAMS, "Dockerfile": "\n".join(lines)}.items():
            info = tarfile.TarInfo(name)
            info.mode, info.size = 0o755, len(text.encode())
            tar.addfile(info, io.BytesIO(text.encode()))
    return buffer.getvalue()


@pytest.mark.parametrize("project", _PROJECTS)
def test_an_initialized_project_builds_and_runs(project: str, engine: str, tmp_path: Path) -> None:
    assert engine
    files, printed = _PROJECTS[project]
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    docker("init {folder}", folder=tmp_path)
    image = f"localhost/init-{uuid.uuid4().hex[:8]}:1"
    docker("build --pull=false -t {image} {folder}", image=image, folder=tmp_path)
    try:
        assert docker("run --rm {image}", image=image) == printed
    finally:
        docker("rmi -f {image}", image=image)
