"""Content digests: `sha256:` and 64 hexadecimal digits.

source: OCI image specification, descriptor.md, "Digests".
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator

PREFIX = "sha256:"
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


class DigestError(ValueError):
    """The text is not a digest, or the content does not match it."""


def of(data: bytes) -> str:
    """Return the digest of bytes."""
    return PREFIX + hashlib.sha256(data).hexdigest()


def check(text: object) -> str:
    """Return the text unchanged if it is a sha256 digest, as only those may name files in a store.

    Raises:
        DigestError: the text is not a sha256 digest.
    """
    if not isinstance(text, str) or not _DIGEST.fullmatch(text):
        raise DigestError(f"invalid digest: {text!r}")
    return text


def hex_of(digest: str) -> str:
    """Return the 64 hexadecimal digits."""
    return check(digest).removeprefix(PREFIX)


def short(digest: str) -> str:
    """Return the 12 digits that listings show."""
    return digest.removeprefix(PREFIX)[:12]


def chain(diff_ids: Iterable[str]) -> Iterator[str]:
    """Yield the chain ID of each layer, from the base layer up.

    source: OCI image specification, config.md, "Layer ChainID".
    """
    chain_id = ""
    for diff_id in diff_ids:
        chain_id = of(f"{chain_id} {diff_id}".encode()) if chain_id else diff_id
        yield chain_id
