"""The docker CLI's contexts: named addresses in its configuration folder.

source: docker/cli, cli/context/store: meta/<sha256 of the name>/meta.json, tls/<same>/docker/*.pem.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from docker_magics.errors import UsageError

from .address import Address, Tls


@dataclass(frozen=True)
class ContextStore:
    """The contexts under one configuration folder.

    Attributes:
        folder: the docker CLI's configuration folder, ~/.docker.
    """

    folder: Path

    @classmethod
    def of(cls, env: Mapping[str, str] | None = None) -> Self:
        """The store of an environment (DOCKER_CONFIG, HOME)."""
        env = os.environ if env is None else env
        home = Path(env.get("HOME") or Path.home())
        return cls(Path(env.get("DOCKER_CONFIG") or home / ".docker"))

    def config(self) -> dict[str, Any]:
        """config.json, empty where there is none.

        Raises:
            UsageError: it is no JSON.
        """
        path = self.folder / "config.json"
        try:
            found: dict[str, Any] = json.loads(path.read_text())
        except FileNotFoundError:
            return {}
        except ValueError as error:
            raise UsageError(f"{path} is no JSON: {error}") from error
        return found

    def write_config(self, config: dict[str, Any]) -> None:
        """Replace config.json, whole or not at all; only its owner may read it."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        text = json.dumps(config, indent="\t") + "\n"
        write_private(self.folder / "config.json", text.encode())

    def current(self) -> str:
        """The name of the current context, `default` where none was chosen."""
        return str(self.config().get("currentContext") or "default")

    def address(self, name: str) -> Address:
        """The address of a context.

        Raises:
            UsageError: there is no such context.
        """
        identity = hashlib.sha256(name.encode()).hexdigest()
        path = self.folder / "contexts/meta" / identity / "meta.json"
        try:
            endpoint = json.loads(path.read_text())["Endpoints"]["docker"]
        except FileNotFoundError:
            hint = "docker context ls lists them."
            raise UsageError(f'context "{name}": context not found', hint=hint) from None
        folder = self.folder / "contexts/tls" / identity / "docker"
        tls = _tls(folder, verify=not endpoint.get("SkipTLSVerify"))
        return Address(endpoint["Host"], f"context {name}", tls, name)


def write_private(path: Path, data: bytes) -> None:
    """Write a file (0600) by a temporary one beside it, so that it is never half written."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        Path(temporary).replace(path)
    finally:
        Path(temporary).unlink(missing_ok=True)


def _tls(folder: Path, *, verify: bool) -> Tls | None:
    if not folder.is_dir():
        return None
    files = {name: folder / f"{name}.pem" for name in ("ca", "cert", "key")}
    return Tls(**{name: path for name, path in files.items() if path.exists()}, verify=verify)
