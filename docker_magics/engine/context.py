"""The docker CLI's contexts: named addresses in its configuration folder.

source: docker/cli, cli/context/store: meta/<sha256 of the name>/meta.json, tls/<same>/docker/*.pem.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import shutil
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from docker_magics.errors import UsageError

from . import embedded
from .address import Address, Tls, parse_host

DEFAULT = "default"
_NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_.+-]+")
_TLS_FILES = ("ca.pem", "cert.pem", "key.pem")
#: Larger archives are none of contexts.
_LARGEST = 10 * 1024 * 1024


@dataclass(frozen=True)
class ContextStore:
    """The contexts under one configuration folder; all files are the owner's alone.

    Attributes:
        folder: the docker CLI's configuration folder, ~/.docker.
        built_in: the metadata of contexts that need no file, by name.
    """

    folder: Path
    built_in: Mapping[str, dict[str, Any]] = field(default_factory=dict)

    @classmethod
    def from_env(cls, env: Mapping[str, str] | None = None) -> Self:
        """The store of an environment (DOCKER_CONFIG, HOME)."""
        env = os.environ if env is None else env
        home = Path(env.get("HOME") or Path.home())
        folder = Path(env.get("DOCKER_CONFIG") or home / ".docker")
        return cls(folder, {embedded.NAME: embedded.metadata(env)})

    def config(self) -> dict[str, Any]:
        """config.json, empty where there is none.

        Raises:
            UsageError: it is no JSON.
        """
        path = self.folder / "config.json"
        try:
            found: dict[str, Any] = json.loads(path.read_text())
        except (FileNotFoundError, NotADirectoryError):
            return {}
        except ValueError as error:
            raise UsageError(f"{path} is no JSON: {error}") from error
        return found

    def write_config(self, config: dict[str, Any]) -> None:
        """Replace config.json, whole or not at all.

        Raises:
            UsageError: it cannot be written.
        """
        text = json.dumps(config, indent="\t") + "\n"
        file = self.folder / "config.json"
        try:
            write_private(file, text.encode())
        except OSError as error:
            raise UsageError(f"cannot write {file}: {str(error.strerror).lower()}") from error

    def current(self) -> str:
        """The name of the current context, `default` where none was chosen."""
        return str(self.config().get("currentContext") or DEFAULT)

    def use(self, name: str) -> None:
        """Make a context the current one.

        Raises:
            UsageError: there is none of that name.
        """
        if name != DEFAULT:
            self._put_down(name, self.metadata(name))
        config = self.config()
        if name != (config.get("currentContext") or DEFAULT):
            config["currentContext"] = name
            if name == DEFAULT:
                del config["currentContext"]
            self.write_config(config)

    def _put_down(self, name: str, metadata: Mapping[str, Any]) -> None:
        """Give a built-in context its file, so that the docker CLI knows it too."""
        if not self._meta(name).exists():
            self.write(name, metadata, {})

    def names(self) -> list[str]:
        """The names of all contexts but `default`, sorted."""
        found = (json.loads(path.read_text()) for path in self._metas.glob("*/meta.json"))
        return sorted({*self.built_in, *(str(each["Name"]) for each in found)})

    def metadata(self, name: str) -> dict[str, Any]:
        """A context's meta.json.

        Raises:
            UsageError: there is no such context, or its file is broken.
        """
        path = self._meta(name)
        try:
            found: dict[str, Any] = json.loads(path.read_text())
        except (FileNotFoundError, NotADirectoryError):
            if name in self.built_in:
                return dict(self.built_in[name])
            message = f'context "{name}": context not found'
            raise UsageError(message, hint="docker context ls lists them.") from None
        except ValueError as error:
            raise UsageError(f"{path} is no JSON: {error}") from error
        return found

    def address(self, name: str) -> Address:
        """The address of a context.

        Raises:
            UsageError: there is no such context.
        """
        endpoint = self.metadata(name).get("Endpoints", {}).get("docker", {})
        if "Host" not in endpoint:
            raise UsageError(f'context "{name}" names no docker endpoint')
        tls = _tls(self._keys(name), verify=not endpoint.get("SkipTLSVerify"))
        host = parse_host(endpoint["Host"], tls=tls is not None)
        return Address(host, f"context {name}", tls, name)

    def tls_files(self, name: str) -> dict[str, bytes]:
        """The keys of a context: ca.pem, cert.pem, key.pem, as far as there are any."""
        folder = self._keys(name)
        paths = {each: folder / each for each in _TLS_FILES}
        return {each: path.read_bytes() for each, path in paths.items() if path.is_file()}

    def check_new(self, name: str) -> None:
        """Refuse what is no name, or another context's.

        Raises:
            UsageError: it is one or the other.
        """
        check_name(name)
        if name in self.names():
            raise UsageError(f'context "{name}" already exists')

    def write(self, name: str, metadata: Mapping[str, Any], keys: Mapping[str, bytes]) -> None:
        """Make or replace a context.

        Raises:
            UsageError: no context can have that name.
        """
        check_name(name)
        text = json.dumps({**metadata, "Name": name}, separators=(",", ":"))
        write_private(self._meta(name), text.encode())
        shutil.rmtree(self._keys(name), ignore_errors=True)
        for each, data in keys.items():
            write_private(self._keys(name) / each, data)

    def remove(self, name: str) -> None:
        """Remove a context, its keys too; nothing happens where there is none."""
        shutil.rmtree(self._meta(name).parent, ignore_errors=True)
        shutil.rmtree(self._keys(name).parent, ignore_errors=True)

    @property
    def _metas(self) -> Path:
        return self.folder / "contexts/meta"

    def _meta(self, name: str) -> Path:
        return self._metas / _identity(name) / "meta.json"

    def _keys(self, name: str) -> Path:
        return self.folder / "contexts/tls" / _identity(name) / "docker"


def check_name(name: str) -> None:
    """Refuse what no context can be called.

    Raises:
        UsageError: so it is.
    """
    if name == DEFAULT:
        raise UsageError('"default" is a reserved context name')
    if not name:
        raise UsageError("context name cannot be empty")
    if not _NAME.fullmatch(name):
        message = f'context name "{name}" is invalid, names are validated against regexp'
        raise UsageError(f'{message} "^{_NAME.pattern}$"')


def export_archive(metadata: Mapping[str, Any], keys: Mapping[str, bytes]) -> bytes:
    """A context as a tar archive: meta.json and tls/docker/*.pem."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        members = {"meta.json": json.dumps(metadata).encode()}
        members |= {f"tls/docker/{name}": data for name, data in keys.items()}
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size, info.mode = len(data), 0o644
            archive.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


def import_archive(archive: bytes) -> tuple[dict[str, Any], dict[str, bytes]]:
    """Metadata and keys of an export_archive context, tar or zip.

    Raises:
        UsageError: it is no such archive.
    """
    if len(archive) > _LARGEST:
        raise UsageError("the archive is too large for a context")
    metadata: dict[str, Any] | None = None
    keys: dict[str, bytes] = {}
    try:
        for name, data in _members(archive):
            if name == "meta.json":
                metadata = json.loads(data)
            elif name.startswith("tls/docker/") and name.rpartition("/")[2] in _TLS_FILES:
                keys[name.rpartition("/")[2]] = data
    except (tarfile.TarError, zipfile.BadZipFile, ValueError) as error:
        raise UsageError("this is no export_archive context") from error
    if not isinstance(metadata, dict):
        raise UsageError("invalid context: no metadata found")
    return metadata, keys


def _members(archive: bytes) -> Iterator[tuple[str, bytes]]:
    """Names and contents of regular files; nothing is written anywhere."""
    file = io.BytesIO(archive)
    if zipfile.is_zipfile(file):
        with zipfile.ZipFile(file) as unpacked:
            for entry in unpacked.infolist():
                if entry.file_size <= _LARGEST and not entry.is_dir():
                    yield entry.filename, unpacked.read(entry)
        return
    file.seek(0)
    with tarfile.open(fileobj=file, mode="r:*") as unpacked_tar:
        for member in unpacked_tar:
            content = unpacked_tar.extractfile(member) if member.isreg() else None
            if content is not None and member.size <= _LARGEST:
                yield member.name, content.read()


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


def _identity(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()


def _tls(folder: Path, *, verify: bool) -> Tls | None:
    if not folder.is_dir():
        return None
    files = {name: folder / f"{name}.pem" for name in ("ca", "cert", "key")}
    return Tls(**{name: path for name, path in files.items() if path.exists()}, verify=verify)
