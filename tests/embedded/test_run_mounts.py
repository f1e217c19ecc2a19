"""RUN --mount=type=bind: files of the context, of stages and of images."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import docker
import pytest
from embedded.shared import client, load_busybox, running


def context(dockerfile: str) -> io.BytesIO:
    """Return a context with a folder, links to it and out of it, and a Dockerfile."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name, text in (("Dockerfile", dockerfile), ("d/f", "of the context\n")):
            info = tarfile.TarInfo(name)
            info.size, info.mode = len(text), 0o644
            tar.addfile(info, io.BytesIO(text.encode()))
        for name, target in (("abs", "/d"), ("out", "/etc/shadow")):
            link = tarfile.TarInfo(name)
            link.type, link.linkname = tarfile.SYMTYPE, target
            tar.addfile(link)
    buffer.seek(0)
    return buffer


STAGE = "FROM busybox AS stage\nRUN mkdir /d && echo of the stage > /d/f && ln -s /d /abs"


def test_bind_mounts(tmp_path: Path) -> None:
    with running(tmp_path), client(tmp_path) as api:
        load_busybox(tmp_path)
        checks = {
            "source=/d": "of the context",
            "source=abs": "of the context",
            "from=stage,source=/d": "of the stage",
            "from=stage,source=abs": "of the stage",
        }
        steps = [
            f'RUN --mount=type=bind,{flags},target=/x test "$(cat /x/f)" = "{text}"'
            for flags, text in checks.items()
        ]
        steps += [
            "RUN --mount=from=stage,source=/d/f,target=/x/file grep stage /x/file",
            "RUN --mount=from=stage,target=/x test -x /x/bin/busybox && test -f /x/d/f",
            "RUN --mount=from=stage,source=/d,target=/x,rw echo new > /x/new",
            "RUN --mount=from=stage,source=/d,target=/x test ! -e /x/new",
        ]
        dockerfile = "\n".join([STAGE, "FROM busybox", *steps])
        api.images.build(fileobj=context(dockerfile), custom_context=True, rm=True)
        assert list((tmp_path / "root/tmp").iterdir()) == []
        for flags in ("source=out", "from=stage,source=/gone", "source=../../etc"):
            refused = f"{STAGE}\nFROM busybox\nRUN --mount={flags},target=/x true"
            with pytest.raises(docker.errors.BuildError, match="not found"):
                api.images.build(fileobj=context(refused), custom_context=True, rm=True)
