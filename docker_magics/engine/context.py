"""The docker CLI's contexts: named addresses in its configuration folder.

source: docker/cli, cli/context/store: meta/<sha256 of the name>/meta.json, tls/<same>/docker/*.pem.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from docker_magics.errors import UsageError

from . import embedded
from .address import Address, Tls, parse_host
from .cli_config import DEFAULT_CONTEXT, CliConfig, write_private

_NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_.+-]+")
TLS_FILES = ("ca.pem", "cert.pem", "key.pem")


class ContextStore:
    """The contexts of an environment, by default this process's. Only the owner can read the files.

    Attributes:
        config: the docker CLI's configuration, which names the current context.
        folder: the configuration folder, ~/.docker.
        built_in: the metadata of contexts that exist without a file, by name.
    """

    def __init__(self, env: Mapping[str, str] | None = None) -> None:
        env = os.environ if env is None else env
        self.config = CliConfig(env)
        self.folder = Path(self.config.folder)
        self.built_in = {embedded.NAME: embedded.metadata(env)}

    def use(self, name: str) -> None:
        """Set the current context.

        Raises:
            UsageError: the name is invalid, or the context does not exist.
        """
        if name != DEFAULT_CONTEXT:
            check_name(name)
            self._materialize(name, self.metadata(name))
        config = self.config.read()
        if name != self.config.current_context():
            config["currentContext"] = name
            if name == DEFAULT_CONTEXT:
                del config["currentContext"]
            self.config.write(config)

    def _materialize(self, name: str, metadata: Mapping[str, Any]) -> None:
        """Write the file of a built-in context, so that the docker CLI finds it too."""
        if not self._meta(name).exists():
            self.write(name, metadata, {})

    def names(self) -> list[str]:
        """Return the names of all contexts except `default`, sorted."""
        metadata = (json.loads(path.read_text()) for path in self._metas.glob("*/meta.json"))
        return sorted({*self.built_in, *(str(context["Name"]) for context in metadata)})

    def metadata(self, name: str) -> dict[str, Any]:
        """Return a context's meta.json.

        Raises:
            UsageError: the context does not exist, or its file is not JSON.
        """
        path = self._meta(name)
        try:
            metadata: dict[str, Any] = json.loads(path.read_text())
        except (FileNotFoundError, NotADirectoryError):
            if name in self.built_in:
                return dict(self.built_in[name])
            message = f'context "{name}": context not found'
            raise UsageError(
                message,
                hint="List the contexts: docker context ls.",
                cli_text=f"{message}: open {path}: no such file or directory",
            ) from None
        except ValueError as error:
            raise UsageError(f"{path} is not valid JSON: {error}") from error
        return metadata

    def address(self, name: str) -> Address:
        """Return the address of a context.

        Raises:
            UsageError: the context does not exist, or has no docker endpoint.
        """
        endpoint = self.metadata(name).get("Endpoints", {}).get("docker", {})
        if "Host" not in endpoint:
            raise UsageError(f'context "{name}" has no docker endpoint')
        tls = _tls(self._keys(name), verify=not endpoint.get("SkipTLSVerify"))
        host = parse_host(endpoint["Host"], tls=tls is not None)
        return Address(host, f"context {name}", tls, name)

    def tls_files(self, name: str) -> dict[str, bytes]:
        """Return the existing TLS files of a context by name: ca.pem, cert.pem, key.pem."""
        folder = self._keys(name)
        paths = {filename: folder / filename for filename in TLS_FILES}
        return {filename: path.read_bytes() for filename, path in paths.items() if path.is_file()}

    def check_new(self, name: str) -> None:
        """Check the name of a new context.

        Raises:
            UsageError: the name is invalid, or in use.
        """
        check_name(name)
        if name in self.names():
            raise UsageError(f'context "{name}" already exists')

    def write(self, name: str, metadata: Mapping[str, Any], keys: Mapping[str, bytes]) -> None:
        """Create or replace a context.

        Raises:
            UsageError: the name is invalid.
        """
        check_name(name)
        text = json.dumps({**metadata, "Name": name}, separators=(",", ":"))
        write_private(self._meta(name), text.encode())
        _remove_folder(self._keys(name))
        for filename, data in keys.items():
            write_private(self._keys(name) / filename, data)

    def remove(self, name: str) -> None:
        """Remove a context with its keys. Idempotent."""
        _remove_folder(self._meta(name).parent)
        _remove_folder(self._keys(name).parent)

    @property
    def _metas(self) -> Path:
        return self.folder / "contexts/meta"

    def _meta(self, name: str) -> Path:
        return self._metas / _identity(name) / "meta.json"

    def _keys(self, name: str) -> Path:
        return self.folder / "contexts/tls" / _identity(name) / "docker"


def check_name(name: str) -> None:
    """Check the name of a context.

    Raises:
        UsageError: the name is invalid or reserved.
    """
    if name == DEFAULT_CONTEXT:
        raise UsageError('"default" is a reserved context name')
    if not name:
        raise UsageError("context name cannot be empty")
    if not _NAME.fullmatch(name):
        message = f'context name "{name}" is invalid, names are validated against regexp'
        raise UsageError(f'{message} "^{_NAME.pattern}$"')


def _remove_folder(folder: Path) -> None:
    import shutil

    shutil.rmtree(folder, ignore_errors=True)


def _identity(name: str) -> str:
    import hashlib

    return hashlib.sha256(name.encode()).hexdigest()


def _tls(folder: Path, *, verify: bool) -> Tls | None:
    if not folder.is_dir():
        return None
    files = {name: folder / f"{name}.pem" for name in ("ca", "cert", "key")}
    return Tls(**{name: path for name, path in files.items() if path.exists()}, verify=verify)
