"""RUN: its command line, its flags, its output."""

from __future__ import annotations

from pathlib import Path

import pytest

from docker_magics.embedded.builder.run import command_of
from docker_magics.embedded.builder.run_flags import RunFlags, parse_flags, plan_mounts
from docker_magics.embedded.dockerfile.variables import Variables
from docker_magics.embedded.errors import BadParameter
from docker_magics.embedded.storage.rootfs import Rootfs
from docker_magics.wire import dockerfile
from docker_magics.wire.dockerfile import Instruction

SHELL = ["sh", "-c"]


def instruction(text: str) -> Instruction:
    return dockerfile.parse(text).instructions[0]


def flags(text: str, network_mode: str = "default") -> RunFlags:
    return parse_flags(instruction(f"RUN {text} x"), Variables({"V": "/cache"}), network_mode)


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("RUN make it", [*SHELL, "make it"]),
        ('RUN ["make", "$it"]', ["make", "$it"]),
        ("RUN []", []),
        ("RUN", SHELL),
        ("RUN <<EOF\na\nb\nEOF", [*SHELL, "a\nb\n"]),
        ("RUN <<-EOF\n\ta\nEOF", [*SHELL, "a\n"]),
        ("RUN <<EOF\n#!/usr/bin/env python3\nx\nEOF",
         ["/usr/bin/env", "python3", "-c", "#!/usr/bin/env python3\nx\n"]),
        ("RUN <<EOF\n#!/bin/bash -e\nx\nEOF", [*SHELL, "#!/bin/bash -e\nx\n"]),
        ("RUN <<EOF\n#!/bin/bash\nx\nEOF", ["/bin/bash", "-c", "#!/bin/bash\nx\n"]),
        ("RUN <<EOF\n#!/usr/bin/perl\nx\nEOF", [*SHELL, "#!/usr/bin/perl\nx\n"]),
        ("RUN <<EOF\n#!\nx\nEOF", [*SHELL, "#!\nx\n"]),
        ("RUN cat <<EOF\na\nEOF", [*SHELL, "cat <<EOF\na\nEOF"]),
        ("RUN cat <<a - <<b\n1\na\n2\nb", [*SHELL, "cat <<a - <<b\n1\na\n2\nb"]),
        ("RUN <<a <<b\n1\na\n2\nb", [*SHELL, "<<a <<b\n1\na\n2\nb"]),
    ],
)  # fmt: skip
def test_the_command(text: str, command: list[str]) -> None:
    assert command_of(instruction(text), SHELL) == command


def test_the_flags() -> None:
    parsed = flags(
        "--mount=dst=/a,src=b,from=one --mount=type=cache,target=$V,ro --network=host"
        " --mount=type=bind,destination=/c,from=two --security=sandbox",
        network_mode="host",
    )
    assert parsed == RunFlags(
        (
            {"type": "bind", "target": "/a", "source": "b", "from": "one"},
            {"type": "cache", "target": "/cache", "ro": ""},
            {"type": "bind", "target": "/c", "from": "two"},
        ),
        "host",
    )
    assert list(parsed.sources) == ["one", "two"]
    assert flags("") == RunFlags()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("--network=odd", "unsupported network mode odd"),
        ("--network=host", "network.host is not allowed: build with --network=host"),
        ("--security=insecure", "security.insecure is not allowed"),
        ("--mount=type=odd,target=/x", 'unsupported mount type "odd"'),
        ("--mount=type=cache", ('invalid mount config for type "cache": field target must not be'
         " empty")),
        ("--mount=target=", 'invalid mount config for type "bind": field target must not be empty'),
    ],
)  # fmt: skip
def test_invalid_flags(text: str, message: str) -> None:
    with pytest.raises(BadParameter) as caught:
        flags(text)
    assert str(caught.value) == message


def test_the_mounts(tmp_path: Path) -> None:
    one = tmp_path / "one"
    (one / "d").mkdir(parents=True)
    (one / "link").symlink_to("d")
    parsed = flags(
        "--mount=target=/all --mount=from=s,source=/link,target=rel,rw"
        " --mount=type=tmpfs,target=/t --mount=type=tmpfs,target=/s,size=9"
        " --mount=type=cache,target=/c --mount=type=cache,target=/c,id=i,readonly=true"
        " --mount=from=s,target=/no,rw=false --mount=type=secret,id=x --mount=type=ssh"
    )
    with Rootfs(tmp_path) as context, Rootfs(one) as stage:
        specs = plan_mounts(
            parsed.mounts,
            {"": context, "s": stage},
            "/w/",
            lambda cache_id: Path(f"/caches{cache_id}"),
            lambda root, path: Path(f"/copies{path}") if root is stage else Path(),
        )
    root = str(tmp_path)
    assert specs == [
        {"kind": "bind", "source": root, "target": "/all", "readonly": True},
        {"kind": "bind", "source": "/copies/d", "target": "/w/rel", "readonly": False},
        {"kind": "tmpfs", "target": "/t", "flags": 0, "data": ""},
        {"kind": "tmpfs", "target": "/s", "flags": 0, "data": "size=9"},
        {"kind": "bind", "source": "/caches/c", "target": "/c", "readonly": False},
        {"kind": "bind", "source": "/cachesi", "target": "/c", "readonly": True},
        {"kind": "bind", "source": "/copies", "target": "/no", "readonly": True},
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("source=gone,target=/x", "bind source gone: not found"),
        ("source=../secret,target=/x", "bind source ../secret: not found"),
        ("source=link,target=/x", "bind source link: not found"),
        ("source=link/f,target=/x", "bind source link/f: not found"),
        ("type=secret,id=x,required", "secret x: not found"),
        ("type=ssh,required=true", "ssh : not found"),
    ],
)
def test_mount_errors(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "secret").write_text("")
    (tmp_path / "context").mkdir()
    (tmp_path / "context/link").symlink_to(tmp_path)
    mounts = flags(f"--mount={text}").mounts
    with Rootfs(tmp_path / "context") as context, pytest.raises(BadParameter) as caught:
        plan_mounts(mounts, {"": context}, "/", Path, lambda _root, path: Path(path))
    assert str(caught.value) == message
