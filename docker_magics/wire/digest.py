"""Content digests: `sha256:` and 64 hexadecimal digits.

source: OCI image specification, descriptor.md, "Digests".
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator

PREFIX = "sha256:"
#: The digest of no bytes at all.
EMPTY = PREFIX + hashlib.sha256().hexdigest()
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


class DigestError(ValueError):
    """The text is no digest, or the content has another one."""


def of(data: bytes) -> str:
    """The digest of some bytes."""
    return PREFIX + hashlib.sha256(data).hexdigest()


def check(text: object) -> str:
    """The text itself, if it is a sha256 digest: nothing else may name a file in a store.

    Raises:
        DigestError: it is none.
    """
    if not isinstance(text, str) or not _DIGEST.fullmatch(text):
        raise DigestError(f"invalid digest: {text!r}")
    return text


def hex_of(digest: str) -> str:
    """The 64 hexadecimal digits."""
    return check(digest).removeprefix(PREFIX)


def short(digest: str) -> str:
    """The twelve digits that people see."""
    return digest.removeprefix(PREFIX)[:12]


def chain(diff_ids: Iterable[str]) -> Iterator[str]:
    """The chain ID of each layer with all that are below it, bottom first.

    source: OCI image specification, config.md, "Layer ChainID".
    """
    so_far = ""
    for diff_id in diff_ids:
        so_far = of(f"{so_far} {diff_id}".encode()) if so_far else diff_id
        yield so_far
