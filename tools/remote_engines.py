"""Engines reached as if they were remote: by mutual TLS and by ssh."""

from __future__ import annotations

import contextlib
import os
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from tools.daemons import daemon, free_port, listens, private_folder
from tools.engines import dockerd


@contextlib.contextmanager
def dockerd_by_tls() -> Iterator[tuple[str, dict[str, str]]]:
    """Run a Docker Engine with mutual TLS. Needs root.

    Yields:
        The engine's address on a unix socket, and the environment that selects it by TLS.
    """
    with private_folder("tls") as folder:
        _make_keys(folder)
        port = free_port()
        options = ["--tlsverify", "--host", f"tcp://127.0.0.1:{port}"]
        files = {"tlscacert": "ca.pem", "tlscert": "server.pem", "tlskey": "server-key.pem"}
        options += [f"--{flag}={folder}/{name}" for flag, name in files.items()]
        with dockerd(*options) as address:
            yield (
                address,
                {
                    "DOCKER_HOST": f"tcp://127.0.0.1:{port}",
                    "DOCKER_TLS_VERIFY": "1",
                    "DOCKER_CERT_PATH": str(folder),
                },
            )


def _make_keys(folder: Path) -> None:
    """Create a CA and the keys of server and client.

    source: docs.docker.com, "Protect the Docker daemon socket".
    """
    request = "openssl req -newkey rsa:2048 -nodes"
    sign = "openssl x509 -req -CA ca.pem -CAkey ca-key.pem -CAcreateserial -days 2"
    (folder / "server.ext").write_text("subjectAltName=IP:127.0.0.1\nextendedKeyUsage=serverAuth\n")
    (folder / "client.ext").write_text("extendedKeyUsage=clientAuth\n")
    for command in (
        f"{request} -x509 -keyout ca-key.pem -out ca.pem -days 2 -subj /CN=ca",
        f"{request} -keyout server-key.pem -out server.csr -subj /CN=server",
        f"{sign} -in server.csr -out server.pem -extfile server.ext",
        f"{request} -keyout key.pem -out client.csr -subj /CN=client",
        f"{sign} -in client.csr -out cert.pem -extfile client.ext",
    ):
        subprocess.run(shlex.split(command), cwd=folder, check=True, capture_output=True)


@contextlib.contextmanager
def by_ssh(address: str) -> Iterator[dict[str, str]]:
    """Run a private sshd; the docker CLI of its sessions uses the engine at `address`.

    Yields:
        The environment that selects the engine by ssh: DOCKER_HOST, and a PATH with an `ssh` that
        has the keys.
    """
    with private_folder("sshd") as folder:
        port = free_port()
        for name in ("host", "user"):
            _run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", f"{folder}/{name}")
        settings = {
            "Port": str(port),
            "ListenAddress": "127.0.0.1",
            "HostKey": f"{folder}/host",
            "AuthorizedKeysFile": f"{folder}/user.pub",
            "PidFile": "none",
            "StrictModes": "no",
            "UsePAM": "no",
            "PermitRootLogin": "yes",
            "SetEnv": f"DOCKER_HOST={address}",
        }
        _write_settings(folder / "sshd_config", settings)
        known = {
            "IdentityFile": f"{folder}/user",
            "UserKnownHostsFile": "/dev/null",
            "StrictHostKeyChecking": "no",
            "LogLevel": "ERROR",
        }
        _write_settings(folder / "ssh_config", known)
        _write_program(
            folder / "bin/ssh", f'exec {shutil.which("ssh")} -F {folder}/ssh_config "$@"'
        )
        if os.geteuid() == 0:
            Path("/run/sshd").mkdir(exist_ok=True)
        sshd = shutil.which("sshd", path="/usr/sbin:/sbin:/usr/bin") or "sshd"
        with daemon(
            [sshd, "-D", "-e", "-f", f"{folder}/sshd_config"],
            folder,
            lambda: listens("127.0.0.1", port),
        ):
            path = f"{folder}/bin:{os.environ.get('PATH', os.defpath)}"
            yield {"DOCKER_HOST": f"ssh://127.0.0.1:{port}", "PATH": path}


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)


def _write_settings(file: Path, settings: dict[str, str]) -> None:
    file.write_text("".join(f"{name} {value}\n" for name, value in settings.items()))


def _write_program(file: Path, line: str) -> None:
    file.parent.mkdir()
    file.write_text(f"#!/bin/sh\n{line}\n")
    file.chmod(0o755)
