"""List the Debian packages of images: what whoever hands out the images must be able to name.

source: deb-control(5), the fields Package, Version and Source; /var/lib/dpkg/status, and
/var/lib/dpkg/status.d of images without dpkg.
"""

from __future__ import annotations

import contextlib
import io
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import docker
from docker.errors import NotFound

_HEAD = """\
# The Debian packages of the images, and the source package of each. The source of a version:
# apt-get source SOURCE=VERSION, or Debian's archive of all versions (Debian's website: snapshot).
image\tpackage\tversion\tsource\tsource version
"""


class Package(NamedTuple):
    """A Debian package and the source package that it was built from."""

    name: str
    version: str
    source: str
    source_version: str


def write(host: str, images: list[str], file: Path) -> None:
    """Write a table of the packages of images: a line each, with tabs between the columns.

    Args:
        host: the address of an engine that has the images.
        images: their tags.
        file: the file to write.
    """
    lines = [
        "\t".join((image, *package)) + "\n"
        for image in images
        for package in sorted(set(parse(_status(host, image))))
    ]
    file.write_text(_HEAD + "".join(lines))


def parse(status: str) -> Iterator[Package]:
    """Yield the packages of dpkg's status file; a package that was removed is not listed."""
    for paragraph in status.split("\n\n"):
        lines = [line for line in paragraph.splitlines() if not line.startswith(" ")]
        field = dict(line.split(": ", 1) for line in lines if ": " in line)
        if "Package" in field and not field.get("Status", "").startswith("deinstall"):
            source, _, version = field.get("Source", field["Package"]).partition(" ")
            version = version.strip("()") or field["Version"]
            yield Package(field["Package"], field["Version"], source, version)


def _status(host: str, image: str) -> str:
    """Return the status files of an image; empty if it has none."""
    with contextlib.closing(docker.APIClient(host, timeout=300)) as api:
        made = api.create_container(image)["Id"]
        try:
            chunks, _ = api.get_archive(made, "/var/lib/dpkg")
            archive = io.BytesIO(b"".join(chunks))
        except NotFound:
            return ""
        finally:
            api.remove_container(made)
    with tarfile.open(fileobj=archive) as tar:
        wanted = [one for one in tar if one.isfile() and _is_status(one.name)]
        return "\n\n".join(tar.extractfile(one).read().decode() for one in wanted)  # type: ignore[union-attr]


def _is_status(name: str) -> bool:
    return name == "dpkg/status" or name.startswith("dpkg/status.d/")
