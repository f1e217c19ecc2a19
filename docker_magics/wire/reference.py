"""Image references: `[domain/]path[:tag][@digest]`.

source: github.com/distribution/reference (reference.go, normalize.go).
"""

from __future__ import annotations

import re
from typing import NamedTuple

DEFAULT_DOMAIN = "docker.io"
_OFFICIAL = "library/"
_LEGACY_DOMAIN = "index.docker.io"

_ALNUM = r"[a-z0-9]+"
_PATH_PART = rf"{_ALNUM}(?:(?:\.|_|__|-+){_ALNUM})*"
_DOMAIN_PART = r"(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])"
_DOMAIN = rf"(?:{_DOMAIN_PART}(?:\.{_DOMAIN_PART})*|\[(?:[a-fA-F0-9:]+)\])(?::[0-9]+)?"
_TAG = r"[\w][\w.-]{0,127}"
_DIGEST = r"[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}"
_REFERENCE = (
    rf"(?P<name>(?:{_DOMAIN}/)?{_PATH_PART}(?:/{_PATH_PART})*)"
    rf"(?::(?P<tag>{_TAG}))?(?:@(?P<digest>{_DIGEST}))?"
)
_MAX_NAME = 255
_DIGEST_LENGTHS = {"sha256": 64, "sha384": 96, "sha512": 128}


def is_identity(text: str) -> bool:
    """Whether a text is an image ID, which registries do not know."""
    return bool(re.fullmatch("(sha256:)?[0-9a-f]{64}", text))


class ReferenceError(ValueError):  # noqa: A001 - the spec's own name
    """The text is not an image reference; the message is the docker CLI's."""


class Reference(NamedTuple):
    """A normalized image reference.

    Attributes:
        domain: the registry, by default `docker.io`.
        path: the repository, with `library/` for Docker Hub's official images.
        tag, digest: None if missing.
    """

    domain: str
    path: str
    tag: str | None = None
    digest: str | None = None

    @property
    def name(self) -> str:
        """Domain and path: `docker.io/library/busybox`."""
        return f"{self.domain}/{self.path}"

    @property
    def familiar_name(self) -> str:
        """The name as people write it: `busybox`."""
        if self.domain != DEFAULT_DOMAIN:
            return self.name
        return self.path.removeprefix(_OFFICIAL) if self.path.count("/") == 1 else self.path

    @property
    def familiar(self) -> str:
        """Name, tag and digest as people write them: `busybox:1.36`."""
        return self.familiar_name + self._suffix

    @property
    def tagged(self) -> Reference:
        """The reference with the tag `latest` if it has neither tag nor digest."""
        return self if self.tag or self.digest else self._replace(tag="latest")

    def with_tag(self, tag: str) -> Reference:
        """Return the reference with another tag, or with a digest instead of a tag.

        Raises:
            ReferenceError: it is neither.
        """
        if re.fullmatch(_DIGEST, tag):
            _check_digest(tag)
            return self._replace(tag=None, digest=tag)
        if not re.fullmatch(_TAG, tag, re.ASCII):
            raise ReferenceError("invalid tag format")
        return self._replace(tag=tag)

    @property
    def _suffix(self) -> str:
        tag = f":{self.tag}" if self.tag else ""
        return f"{tag}@{self.digest}" if self.digest else tag

    def __str__(self) -> str:
        return self.name + self._suffix


def parse(text: str) -> Reference:
    """Parse and normalize a reference as the docker CLI does.

    Raises:
        ReferenceError: the text is not a reference.
    """
    if re.fullmatch("[a-f0-9]{64}", text):
        msg = f"invalid repository name ({text}), cannot specify 64-byte hexadecimal strings"
        raise ReferenceError(msg)
    domain, path = _split_domain(text)
    name = path.partition(":")[0]
    if name != name.lower():
        msg = f"invalid reference format: repository name ({name}) must be lowercase"
        raise ReferenceError(msg)
    match = re.fullmatch(_REFERENCE, f"{domain}/{path}", re.ASCII)
    if match is None:
        raise ReferenceError("invalid reference format")
    if len(match["name"]) > _MAX_NAME:
        raise ReferenceError("repository name must not be more than 255 characters")
    _check_digest(match["digest"])
    return Reference(
        domain, match["name"].removeprefix(f"{domain}/"), match["tag"], match["digest"]
    )


def _split_domain(text: str) -> tuple[str, str]:
    head, slash, rest = text.partition("/")
    is_domain = slash and (
        "." in head or ":" in head or head == "localhost" or head.lower() != head
    )
    domain, path = (head, rest) if is_domain else (DEFAULT_DOMAIN, text)
    if domain == _LEGACY_DOMAIN:
        domain = DEFAULT_DOMAIN
    if domain == DEFAULT_DOMAIN and "/" not in path:
        path = _OFFICIAL + path
    return domain, path


def _check_digest(digest: str | None) -> None:
    if digest is None:
        return
    algorithm, _, value = digest.partition(":")
    if algorithm not in _DIGEST_LENGTHS:
        raise ReferenceError("unsupported digest algorithm")
    if len(value) != _DIGEST_LENGTHS[algorithm] or value != value.lower():
        raise ReferenceError("invalid checksum digest length")
