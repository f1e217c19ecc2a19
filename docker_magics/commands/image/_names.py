"""The names of images in listings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from docker_magics.wire import reference

NONE = "<none>"


def is_dangling(image: Mapping[str, Any]) -> bool:
    """Whether an image has no tag.

    source: docker/cli, cli/command/image/list.go: isDangling.
    """
    tags, digests = image.get("RepoTags") or [], image.get("RepoDigests") or []
    return not tags or (tags == [f"{NONE}:{NONE}"] and digests == [f"{NONE}@{NONE}"])


class Tagged(NamedTuple):
    """An image with one of its names."""

    image: Mapping[str, Any]
    repository: str
    tag: str
    digest: str


def tagged(image: Mapping[str, Any], *, digests: bool) -> Iterator[Tagged]:
    """Yield a row for each name of an image.

    source: docker/cli, cli/command/formatter/image.go: imageFormatTaggedAndDigest.
    """
    tags = image.get("RepoTags") or []  # Docker 29: also `NAME@DIGEST`, of pulls by digest
    names = [name for name in tags if name != f"{NONE}:{NONE}" and "@" not in name]
    by_digest = [name for name in image.get("RepoDigests") or [] if name != f"{NONE}@{NONE}"]
    if not names and not by_digest:
        yield Tagged(image, NONE, NONE, NONE)
    known: dict[str, list[str]] = {}
    for name in by_digest:
        repository, _, digest = name.rpartition("@")
        known.setdefault(familiar_name(repository), []).append(digest)
    repositories = set()
    for name in names:
        repository, _, tag = name.rpartition(":")
        repository = familiar_name(repository)
        repositories.add(repository)
        for digest in (known.get(repository) if digests else None) or [NONE]:
            yield Tagged(image, repository, tag, digest)
    for repository in known.keys() - repositories:
        for digest in known[repository] if digests else [""]:
            yield Tagged(image, repository, NONE, digest)


def familiar_name(repository: str) -> str:
    """Return a repository as users write it: without `docker.io/library/`."""
    try:
        return reference.parse(repository).familiar_name
    except reference.ReferenceError:
        return repository
