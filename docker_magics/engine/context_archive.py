"""Exported contexts: tar archives, or zip archives of older CLIs.

source: docker/cli, cli/context/store/store.go: Export, Import.
"""

from __future__ import annotations

import io
import json
import tarfile
import zipfile
from collections.abc import Iterator, Mapping
from typing import Any

from docker_magics.errors import UsageError

from .context import TLS_FILES

#: The maximum size of an archive.
_MAX_ARCHIVE = 10 * 1024 * 1024


def export_archive(metadata: Mapping[str, Any], keys: Mapping[str, bytes]) -> bytes:
    """Return a context as a tar archive: meta.json and tls/docker/*.pem."""
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
    """Return metadata and keys of an exported context, a tar or zip archive.

    Raises:
        UsageError: the archive is not an exported context, or too large.
    """
    if len(archive) > _MAX_ARCHIVE:
        raise UsageError("cannot import the context: the archive is larger than 10 MiB")
    metadata: dict[str, Any] | None = None
    keys: dict[str, bytes] = {}
    try:
        for name, data in _members(archive):
            if name == "meta.json":
                metadata = json.loads(data)
            elif name.startswith("tls/docker/") and name.rpartition("/")[2] in TLS_FILES:
                keys[name.rpartition("/")[2]] = data
    except (tarfile.TarError, zipfile.BadZipFile, ValueError) as error:
        raise UsageError("cannot import the context: not an exported context") from error
    if not isinstance(metadata, dict):
        raise UsageError("invalid context: no metadata found")
    return metadata, keys


def _members(archive: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield names and contents of regular files, without extracting them to disk."""
    file = io.BytesIO(archive)
    if zipfile.is_zipfile(file):
        with zipfile.ZipFile(file) as unpacked:
            for entry in unpacked.infolist():
                if entry.file_size <= _MAX_ARCHIVE and not entry.is_dir():
                    yield entry.filename, unpacked.read(entry)
        return
    file.seek(0)
    with tarfile.open(fileobj=file, mode="r:*") as unpacked_tar:
        for member in unpacked_tar:
            content = unpacked_tar.extractfile(member) if member.isreg() else None
            if content is not None and member.size <= _MAX_ARCHIVE:
                yield member.name, content.read()
