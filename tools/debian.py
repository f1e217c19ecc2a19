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
from pathlib import Path


def _on_path(program: str) -> Callable[[], bool]:
    folders = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin"])
    return lambda: shutil.which(program, path=folders) is not None


def _importable(module: str) -> Callable[[], bool]:
    return lambda: importlib.util.find_spec(module) is not None


#: The packages of each group, with a check whether what they provide is already installed.
GROUPS: dict[str, dict[str, Callable[[], bool]]] = {
    "venv": {"python3-venv": _importable("ensurepip")},
    "docker": {
        "docker.io": _on_path("dockerd"),
        "iptables": _on_path("iptables"),
        "iproute2": _on_path("ip"),
    },
    "podman": {"podman": _on_path("podman")},
    "ssh": {"openssh-server": _on_path("sshd"), "openssh-client": _on_path("ssh")},
    "tls": {"openssl": _on_path("openssl")},
    "registry": {"docker-registry": _on_path("docker-registry")},
    "network": {"slirp4netns": _on_path("slirp4netns")},
    "images": {"mmdebstrap": _on_path("mmdebstrap"), "uidmap": _on_path("newuidmap")},
    "browser": {
        "chromium": _on_path("chromium"),
        "fonts-noto-cjk": Path("/usr/share/doc/fonts-noto-cjk").exists,
    },
    "bundle": {"nodejs": _on_path("node"), "npm": _on_path("npm")},
    "binder": {
        "proot": _on_path("proot"),
        "busybox-static": lambda: installed("busybox-static"),
    },
}

#: Why each group is needed.
REASONS = {
    "venv": "makes the environment .venv",
    "docker": "Docker Engine, which tests and benchmarks compare the embedded engine with",
    "podman": "another engine that all commands are tested on",
    "ssh": "tests of engines on other machines, by ssh",
    "tls": "keys for the tests of engines on other machines, by TLS",
    "registry": "a registry on this machine, for the tests of push and pull",
    "network": "containers reach the internet without root",
    "images": "builds the images of tests and demo where Docker Hub cannot be reached",
    "browser": "Chromium, which tests look at notebooks with; a font for Korean",
    "bundle": "builds the front end, its slides and the image of Node.js",
    "binder": "tests of Binder's container, which has no root",
}


def missing(*groups: str) -> list[str]:
    """Return the packages of these groups that are not installed."""
    return [package for group in groups for package, there in GROUPS[group].items() if not there()]


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
            print(f"  {' '.join(lacking)}: {REASONS[group]}", flush=True)
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
    sys.exit(not ensure(*groups) and (groups == ["venv"] or bool(os.environ.get("CI"))))
