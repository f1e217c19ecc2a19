"""Servers and tools in pods like Binder's, with and without seccomp, and on Colab's machines."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import require_systrap
from embedded import pods
from embedded.services import SERVICES, base

from tools import images
from tools.pod import BINDER, COLAB, UNCONFINED, Pod, pod

pytestmark = [
    pytest.mark.timeout(600, func_only=True),  # not of the images, which are built once
    pytest.mark.skipif(
        os.environ.get("DOCKER_MAGICS_NIGHTLY") != "all", reason="takes long: make test-nightly"
    ),
]
PLACES = {"Binder": BINDER, "Binder, unconfined": UNCONFINED, "Colab": COLAB}
TESTS = Path(__file__).parent.parent
#: Where a pod finds the services' root filesystems.
CACHE = Path("/images")


#: What the scripts of `TOOLS` need; "npm" has its own image.
PACKAGES = "gcc make libc6-dev git python3-pip python3-venv adduser"
#: Scripts that end with 42.
TOOLS = {
    "gcc": r"""
printf '#include <stdio.h>\nint main(void) { puts("42"); }\n' >a.c
printf 'a: a.c\n\tgcc -O2 -o a a.c\n' >Makefile
make >&2; strip a; ./a
""",
    "git": """
git init -q -b main one; cd one; git config user.name a; git config user.email a@example.org
seq 42 >file; git add file; git commit -qm one; git checkout -qb two; seq 43 >file
git commit -qam two; git checkout -q main; git merge -q two; git gc -q; git fsck
git clone -q . ../two; git -C ../two log --format=%s | grep -q two; git -C ../two show HEAD~:file
""",
    "pip": r"""
mkdir package; echo 'print(42)' >package/__main__.py; touch package/__init__.py
printf '[project]\nname = "package"\nversion = "1"\n' >pyproject.toml
python3 -m venv --system-site-packages /venv
/venv/bin/pip install -q --no-index --no-build-isolation . >&2; cd /; /venv/bin/python -m package
""",
    "apt-get": r"""
mkdir -p d/DEBIAN d/usr/share/x; echo 42 >d/usr/share/x/y
printf 'Package: x\nVersion: 1\nArchitecture: all\nMaintainer: a <a@example.org>\n' >control
echo 'Description: x' >>control; mv control d/DEBIAN
printf '#!/bin/sh\nset -e\nadduser --system --group x\n' >d/DEBIAN/postinst
printf 'chown x /usr/share/x/y\n' >>d/DEBIAN/postinst
chmod 755 d/DEBIAN/postinst; dpkg-deb -b d /x.deb; apt-get install -qy /x.deb
su -s /bin/sh x -c id; cp /usr/share/x/y .; apt-get purge -qy x; cat y
""",
    "npm": """
mkdir package app; cd package; echo '{"name": "package", "version": "1.0.0"}' >package.json
echo 'console.log(42)' >index.js; cd ../app; npm init -y >&2
npm install --offline --no-audit --no-fund ../package >&2; node -e 'require("package")'
""",
}


@pytest.fixture(scope="module", params=PLACES)
def machine(
    request: pytest.FixtureRequest, dockerd: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Pod]:
    """A machine whose engine runs systrap, with busybox and what the services' images need."""
    require_systrap()
    tools = images.built("tools", images.debian_root(*PACKAGES.split()))
    cache = pods.cache_of(["busybox", "node"], tmp_path_factory.mktemp("cache"))
    pods.add(cache, tools, *map(base, SERVICES))
    with pod(dockerd, {cache: CACHE}, place=PLACES[request.param]) as own:
        pods.load(own, ["busybox"], CACHE)
        yield own


@pytest.mark.parametrize("name", SERVICES)
def test_a_server_answers_stops_and_keeps_its_data(machine: Pod, name: str) -> None:
    paths = f"{TESTS.parent}:{TESTS}"
    machine.python(
        "-m", "embedded.service_life", name,
        env={"PYTHONPATH": paths, "XDG_CACHE_HOME": str(CACHE)}, seconds=500,
    )  # fmt: skip


@pytest.mark.parametrize("name", TOOLS)
def test_a_tool_works(machine: Pod, name: str) -> None:
    image = "node" if name == "npm" else "tools"
    archive = CACHE / images.CACHE.relative_to(images.CACHE.parent.parent) / f"{image}.tar"
    machine.python("-m", "docker_magics", "import", archive, image, seconds=200)
    run = ("run", "--rm", "--workdir", "/root", image, "sh", "-ec", TOOLS[name])
    done = machine.python("-m", "docker_magics", *run, seconds=300)
    assert done.stdout.split()[-1] == "42"
