"""--cache-from and --cache-to: where a build's cache is read, and where it is written.

source: docker/buildx, util/buildflags/cache.go; moby/buildkit, client/solve.go: parseCacheOptions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from docker_magics.cli.flag_types import FlagType
from docker_magics.cli.flag_types.texts import csv_values, mapping

#: Kind -> the attribute that it needs, of a source and of a destination.
_SOURCE = MappingProxyType({"local": "src", "registry": "ref"})
_TARGET = MappingProxyType({"local": "dest", "registry": "ref"})
_TAG = "latest"


@dataclass(frozen=True)
class Cache:
    """A source or destination.

    Attributes:
        kind: `inline`, `local`, `registry`, or another one of BuildKit's.
        attributes: its settings.
    """

    kind: str
    attributes: Mapping[str, str]

    @property
    def image(self) -> str:
        """The image that a plain source is, "" for others: all that /build reads."""
        is_plain = self.kind == "registry" and self.attributes.keys() == {"ref"}
        return self.attributes["ref"] if is_plain else ""

    @property
    def tag(self) -> str:
        """The tag in a local cache's index."""
        return self.attributes.get("tag", _TAG)


def _caches(text: str, needed: Mapping[str, str]) -> list[Cache]:
    values = csv_values(text)
    if "=" not in text:
        return [Cache("registry", {"ref": value}) for value in values]
    fields = {key.strip().lower(): value for key, value in mapping(values).items()}
    kind = fields.pop("type", "")
    if not kind:
        raise ValueError(f'type required form> "{text}"')
    if (attribute := needed.get(kind)) and not fields.get(attribute):
        raise ValueError(f"a {kind} cache needs {attribute}=")
    return [Cache(kind, fields)]


def _target(text: str) -> list[Cache]:
    """`inline`, or `type=TYPE,KEY=VALUE`; the cache of an image name is registry."""
    return [Cache("inline", {})] if text == "inline" else _caches(text, _TARGET)


CACHE_SOURCES = FlagType(lambda text: _caches(text, _SOURCE), many=True, split=True)
CACHE_TARGETS = FlagType(_target, many=True, split=True)
