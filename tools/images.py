"""Load the images that the demo and the tests need into an engine.

`python -m tools.images [--host ADDRESS] [NAME ...]` pulls them from Docker Hub. If the engine
cannot reach it, the images are built from Debian packages and imported, labelled as local builds.
The builds are cached in ~/.cache/docker_magics.
"""

from __future__ import annotations

import argparse
import fcntl
import os
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from docker_magics import docker
from docker_magics.errors import DockerMagicsError
from tools import debian, tars

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "docker_magics/images-3"
_LABELS = (
    "ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "LABEL docker_magics.local-build=true",
    'LABEL org.opencontainers.image.description="Local build from Debian packages"',
)
_BUSYBOX = "busybox-static"
_HELLO = """
Hello from Docker!
This message shows that your installation appears to be working correctly.

 1. The client (this notebook) asked the engine for the image "hello-world".
 2. The engine made a new container from that image.
 3. The container ran the program that writes what you read here.
 4. The engine sent it to the client, which shows it in the cell.

(This is a local build made of Debian's busybox: Docker Hub could not be reached.)
"""


class ImageError(RuntimeError):
    """An image can neither be pulled nor built; the message says what to do."""


@dataclass(frozen=True)
class Recipe:
    """How to build an image from Debian packages.

    Attributes:
        tags: the image's names on Docker Hub; the first one is pulled.
        root: writes the root filesystem to a tar.
        config: Dockerfile instructions for the image config.
    """

    tags: tuple[str, ...]
    root: Callable[[Path], None]
    config: tuple[str, ...] = ()


def provide(host: str, *names: str) -> None:
    """Load images that an engine does not have.

    Args:
        host: the engine's address.
        *names: names of RECIPES; by default all.

    Raises:
        ImageError: an image can neither be pulled nor built.
    """
    for name in names or RECIPES:
        recipe = RECIPES[name]
        if not _has(host, recipe.tags[0]) and not _pulled(host, recipe):
            _import(host, recipe, built(name))
        for tag in recipe.tags[1:]:
            docker("-H {host} tag {first} {tag}", host=host, first=recipe.tags[0], tag=tag)


def _has(host: str, tag: str) -> bool:
    return bool(docker("-H {host} images -q {tag}", host=host, tag=tag))


def _pulled(host: str, recipe: Recipe) -> bool:
    if os.environ.get("DOCKER_MAGICS_IMAGES") == "local":
        return False
    try:
        docker("-H {host} pull {tag}", host=host, tag=recipe.tags[0])
    except DockerMagicsError:
        return False
    return True


def built(name: str, root: Callable[[Path], None] | None = None) -> Path:
    """Return an image's root filesystem as a tar; build it on first use.

    Of several processes that need it at the same time one builds it, and the others wait.

    Args:
        name: of the image.
        root: writes its root filesystem to a tar; by default as in RECIPES.

    Raises:
        ImageError: the image cannot be built; the message says what to do.
    """
    CACHE.mkdir(mode=0o700, parents=True, exist_ok=True)
    archive = CACHE / f"{name}.tar"
    if not archive.exists():
        with archive.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not archive.exists():
                _build(name, archive, root or RECIPES[name].root)
    return archive


def _build(name: str, archive: Path, root: Callable[[Path], None]) -> None:
    print(f"building {name} from Debian's packages (Docker Hub cannot be reached)")
    unfinished = archive.with_suffix(f".{os.getpid()}")
    try:
        root(unfinished)
        unfinished.replace(archive)
    finally:
        unfinished.unlink(missing_ok=True)


def _import(host: str, recipe: Recipe, archive: Path) -> None:
    changes = [f"--change={change}" for change in (*_LABELS, *recipe.config)]
    docker(
        "-H {host} import {changes} {archive} {tag}",
        host=host,
        changes=changes,
        archive=archive,
        tag=recipe.tags[0],
    )


def _busybox(archive: Path) -> None:
    """Write Debian's static busybox, and a link for each of its applets."""
    with tempfile.TemporaryDirectory() as folder, tarfile.open(archive, "w") as tar:
        program = _from_package(_BUSYBOX, "bin/busybox", Path(folder))
        listed = subprocess.run([program, "--list"], capture_output=True, text=True, check=True)
        _busybox_root(tar, program)
        for applet in listed.stdout.split():
            if applet != "busybox":
                tars.link(tar, f"bin/{applet}", "busybox")


def _hello(archive: Path) -> None:
    """Write a text and the program that prints it."""
    with tempfile.TemporaryDirectory() as folder, tarfile.open(archive, "w") as tar:
        _busybox_root(tar, _from_package(_BUSYBOX, "bin/busybox", Path(folder)))
        tars.file(tar, "hello", _HELLO.encode())
        tars.link(tar, "bin/cat", "busybox")


def _from_package(package: str, member: str, folder: Path) -> Path:
    """Return the path of a file of a Debian package, installed or downloaded."""
    if debian.installed(package):
        return Path("/", member)
    try:
        subprocess.run(
            ["apt-get", "download", package], cwd=folder, check=True, capture_output=True
        )
        archive = next(folder.glob("*.deb"))
        subprocess.run(["dpkg-deb", "--extract", archive, folder], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError, StopIteration) as error:
        problem = f"cannot download Debian's {package}; run apt-get update"
        raise ImageError(problem) from error
    return folder / member


def _control(package: str) -> bytes:
    """Return the control fields of a Debian package that is installed or known to apt."""
    listing = ["dpkg-query", "--status"] if debian.installed(package) else ["apt-cache", "show"]
    return subprocess.run([*listing, package], capture_output=True, check=True).stdout


def _busybox_root(tar: tarfile.TarFile, program: Path) -> None:
    for name, mode in (("bin", 0o755), ("dev", 0o755), ("etc", 0o755), ("proc", 0o755)):
        tars.folder(tar, name, mode)
    for name, mode in (("root", 0o700), ("sys", 0o755), ("tmp", 0o1777), ("var", 0o755)):
        tars.folder(tar, name, mode)
    tars.file(
        tar, "etc/passwd", b"root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534::/:/bin/false\n"
    )
    tars.file(tar, "etc/group", b"root:x:0:\nnogroup:x:65534:\n")
    tars.file(tar, "bin/busybox", program.read_bytes(), 0o755)
    tars.file(
        tar, f"var/lib/dpkg/status.d/{_BUSYBOX}", _control(_BUSYBOX)
    )  # as in distroless images


#: What Docker Hub's slim images exclude too, except man pages, which packages link to.
_SLIM = tuple(f"/usr/share/{name}/*" for name in ("doc", "info", "lintian", "locale"))


def debian_root(*packages: str) -> Callable[[Path], None]:
    """Return a function that writes a minimal Debian with packages, by mmdebstrap."""

    def build(archive: Path) -> None:
        if missing := debian.missing("images"):
            raise ImageError(f"{debian.install_command(missing)} is needed to build images here")
        command = ["mmdebstrap", "--quiet", "--variant=minbase", "--format=tar"]
        command += ["--aptopt=Apt::Install-Recommends false"]
        command += [f"--dpkgopt=path-exclude={pattern}" for pattern in _SLIM]
        command += [f"--include={','.join(packages)}"] if packages else []
        command += [_release(), str(archive), *_sources()]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise ImageError(f"mmdebstrap failed: {done.stderr.strip()[-300:]}")

    return build


def _node(archive: Path) -> None:
    """Write Debian's nodejs, and npm from its registry: Debian's npm has 24,000 files."""
    if missing := debian.missing("bundle"):
        raise ImageError(f"{debian.install_command(missing)} is needed to build this image here")
    debian_root("nodejs", "ca-certificates")(archive)
    with tempfile.TemporaryDirectory() as folder, tarfile.open(archive, "a") as tar:
        done = subprocess.run(
            ["npm", "pack", "--silent", "npm@9"],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise ImageError(f"cannot download npm: {done.stderr.strip()[-300:]}")
        with tarfile.open(next(Path(folder).glob("*.tgz"))) as package:
            for member in package:
                content = package.extractfile(member)
                inside = member.name.removeprefix("package/")
                member.name = f"./usr/local/lib/node_modules/npm/{inside}"
                member.uid = member.gid = 0
                tar.addfile(member, content)
        for name in ("npm", "npx"):
            target = f"../lib/node_modules/npm/bin/{name}-cli.js"
            tars.link(tar, f"./usr/local/bin/{name}", target)


def _release() -> str:
    lines = Path("/etc/os-release").read_text().splitlines()
    named = dict(line.partition("=")[::2] for line in lines)
    return named.get("VERSION_CODENAME", "stable").strip('"')


def _sources() -> list[str]:
    """Return the apt sources of this machine."""
    folder = Path("/etc/apt/sources.list.d")
    candidates = [Path("/etc/apt/sources.list"), *folder.glob("*.list"), *folder.glob("*.sources")]
    return [str(path) for path in candidates if path.is_file() and path.stat().st_size]


RECIPES = {
    "busybox": Recipe(("busybox:latest",), _busybox, ('CMD ["sh"]',)),
    "hello-world": Recipe(("hello-world:latest",), _hello, ('CMD ["/bin/cat", "/hello"]',)),
    "debian": Recipe(("debian:bookworm-slim", "debian:latest"), debian_root(), ('CMD ["bash"]',)),
    "redis": Recipe(
        ("redis:7", "redis:latest"),
        debian_root("redis-server"),
        ("EXPOSE 6379", "WORKDIR /data", 'CMD ["redis-server", "--protected-mode", "no"]'),
    ),
    "node": Recipe(
        ("node:slim", "node:latest"),
        _node,
        ('CMD ["node"]',),
    ),
    "registry": Recipe(
        ("registry:2",),
        debian_root("docker-registry"),
        (
            "EXPOSE 5000",
            "ENV REGISTRY_AUTH=none",
            'CMD ["docker-registry", "serve", "/etc/docker/registry/config.yml"]',
        ),
    ),
}


def main() -> None:
    """Load the images named on the command line, or all of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--host", default="", help="the engine's address, as DOCKER_HOST")
    parser.add_argument("names", nargs="*", choices=[*RECIPES, []], metavar="NAME")
    options = parser.parse_args()
    from docker_magics.engine.discover import find

    try:
        provide(options.host or find().host, *options.names)
    except (ImageError, DockerMagicsError) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
