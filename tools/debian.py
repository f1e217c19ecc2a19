"""Install the Debian packages that engines, images and tests need.

`python tools/debian.py GROUP ...` installs missing packages as root; as another user it prints the
command to install them. It only uses the standard library.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path


def _on_path(program: str) -> Callable[[], bool]:
    folders = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin"])
    return lambda: shutil.which(program, path=folders) is not None


def _importable(module: str) -> Callable[[], bool]:
    return lambda: importlib.util.find_spec(module) is not None


@dataclass(frozen=True)
class Group:
    """Packages that are needed for one purpose.

    Attributes:
        reason: what for.
        checks: for each package, a check whether what it provides is already installed.
    """

    reason: str
    checks: dict[str, Callable[[], bool]]


GROUPS = {
    "venv": Group("the environment .venv", {"python3-venv": _importable("ensurepip")}),
    "docker": Group(
        "Docker Engine, which tests and benchmarks compare the embedded engine with",
        {
            "docker.io": _on_path("dockerd"),
            "iptables": _on_path("iptables"),
            "iproute2": _on_path("ip"),
        },
    ),
    "podman": Group(
        "an engine that all commands are tested on too", {"podman": _on_path("podman")}
    ),
    "ssh": Group(
        "tests of engines on other machines, by ssh",
        {"openssh-server": _on_path("sshd"), "openssh-client": _on_path("ssh")},
    ),
    "tls": Group("tests of engines on other machines, by TLS", {"openssl": _on_path("openssl")}),
    "registry": Group(
        "a registry on this machine, for tests of push and pull",
        {"docker-registry": _on_path("docker-registry")},
    ),
    "skopeo": Group(
        "tests of an old client, which speaks API 1.22", {"skopeo": _on_path("skopeo")}
    ),
    "network": Group(
        "outbound connectivity of containers without root",
        {"slirp4netns": _on_path("slirp4netns")},
    ),
    "images": Group(
        "building the images of tests and demo where Docker Hub cannot be reached",
        {"mmdebstrap": _on_path("mmdebstrap"), "uidmap": _on_path("newuidmap")},
    ),
    "browser": Group(
        "tests of what a page shows, and a font for its Korean",
        {
            "chromium": _on_path("chromium"),
            "fonts-noto-cjk": Path("/usr/share/doc/fonts-noto-cjk").exists,
        },
    ),
    "bundle": Group(
        "the front end, slides, and the image of Node.js",
        {"nodejs": _on_path("node"), "npm": _on_path("npm")},
    ),
    "c": Group(
        "building and checking the programs in C, and tests of them",
        {
            "gcc": _on_path("gcc"),
            "libc6-dev": Path("/usr/include/stdio.h").exists,
            "cppcheck": _on_path("cppcheck"),
        },
    ),
    "binder": Group(
        "tests of pods without any privilege, as Binder's",
        {"proot": _on_path("proot"), "busybox-static": lambda: installed("busybox-static")},
    ),
}


def missing(*groups: str) -> list[str]:
    """Return the packages of these groups that are not installed."""
    return [
        package
        for group in groups
        for package, is_there in GROUPS[group].checks.items()
        if not is_there()
    ]


def in_ci() -> bool:
    """Whether nothing may be missing."""
    return bool(os.environ.get("CI"))


def installed(package: str) -> bool:
    """Whether a Debian package is installed; False without dpkg."""
    query = ["dpkg-query", "--show", "--showformat=${db:Status-Abbrev}", package]
    try:
        return subprocess.run(query, check=False, capture_output=True).stdout.startswith(b"ii")
    except OSError:
        return False


def install_command(packages: Iterable[str]) -> str:
    """Return the command that installs packages, for messages."""
    return f"sudo apt-get install {' '.join(packages)}"


def ensure(*groups: str) -> bool:
    """Install missing packages as root on Debian; otherwise print the command to install them.

    Returns:
        Whether all packages are installed now.
    """
    packages = missing(*groups)
    if not packages:
        return True
    if os.getuid() != 0 or not shutil.which("apt-get"):
        print(f"not installed: {' '.join(packages)}. To get them: {install_command(packages)}")
        return False
    print("installing Debian packages as root, by apt-get:")
    for group in groups:
        if lacking := missing(group):
            print(f"  {' '.join(lacking)}: {GROUPS[group].reason}", flush=True)
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    install = ["apt-get", "-qq", "install", "--no-install-recommends", *packages]
    for command in (["apt-get", "-qq", "update"], install):
        subprocess.run(command, env=quiet, check=False, stdout=subprocess.DEVNULL)
    if packages := missing(*groups):
        print(f"apt-get could not install: {' '.join(packages)}")
    return not packages


if __name__ == "__main__":
    groups = sys.argv[1:] or list(GROUPS)
    # Tests skip with the same message if a package is missing, except under CI.
    sys.exit(not ensure(*groups) and (groups == ["venv"] or in_ci()))
