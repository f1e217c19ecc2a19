"""`ADD --checksum`: the digest that a download must have.

source: BuildKit frontend/dockerfile/dockerfile2llb/convert.go, dispatchCopy; source/http/source.go;
opencontainers/go-digest, digest.go.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence

from ..errors import BadParameter

_FORMAT = re.compile(r"[a-z0-9]+(?:[.+_-][a-z0-9]+)*:[a-zA-Z0-9=_-]+")
#: The hexadecimal digits of each algorithm that go-digest supports.
_LENGTHS = {name: 2 * hashlib.new(name).digest_size for name in ("sha256", "sha384", "sha512")}
_URL = ("http://", "https://")


def check_checksum(checksum: str, sources: Sequence[str]) -> None:
    """Reject a checksum that is not a digest, or that does not belong to exactly one download.

    Args:
        checksum: the flag's value, expanded; empty if it is not given.
        sources: the instruction's sources.

    Raises:
        BadParameter: with BuildKit's message.
    """
    if not checksum:
        return
    if len(sources) != 1:
        raise BadParameter("checksum can't be specified for multiple sources")
    if not sources[0].startswith(_URL):
        raise BadParameter("checksum can't be specified for non-HTTP(S) sources")
    _check_format(checksum)


def _check_format(checksum: str) -> None:
    algorithm, _, encoded = checksum.partition(":")
    if not _FORMAT.fullmatch(checksum):
        raise BadParameter("invalid checksum digest format")
    if algorithm not in _LENGTHS:
        raise BadParameter("unsupported digest algorithm")
    if len(encoded) != _LENGTHS[algorithm]:
        raise BadParameter("invalid checksum digest length")
    if not re.fullmatch("[0-9a-f]+", encoded):
        raise BadParameter("invalid checksum digest format")


def verify(actual: str, checksum: str) -> None:
    """Compare a download's digest with its checksum; as BuildKit, the SHA-256 digest only.

    Raises:
        BadParameter: it has another digest.
    """
    if checksum and actual != checksum:
        raise BadParameter(f"digest mismatch {actual}: {checksum}")
