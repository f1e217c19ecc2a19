"""--annotation: annotations of an image's manifest, of its index, or of their descriptors.

source: docker/buildx, util/buildflags/export.go: ParseAnnotations; moby/buildkit,
exporter/containerimage/exptypes/annotations.go.
"""

from __future__ import annotations

import re

from docker_magics.cli.flag_types import FlagType

_KINDS = frozenset({"index", "index-descriptor", "manifest", "manifest-descriptor"})
_TYPE = re.compile(r"([a-z-]+)(\[[A-Za-z0-9_/-]+\])?")

#: The attribute of an exporter, and its value.
Annotation = tuple[str, str]


def _annotation(text: str) -> list[Annotation]:
    """`[TYPE[PLATFORM],...:]KEY=VALUE` -> `annotation-TYPE[PLATFORM].KEY`, VALUE for each type."""
    name, equals, value = text.partition("=")
    if not equals:
        raise ValueError(f'invalid annotation "{text}", expected key=value')
    types, colon, key = name.partition(":")
    if not colon:
        return [(f"annotation.{name}", value)]
    return [(f"annotation-{_checked(kind)}.{key}", value) for kind in types.split(",")]


def _checked(kind: str) -> str:
    match = _TYPE.fullmatch(kind)
    if match is None:
        expected = "expected type and optional platform in square brackets"
        raise ValueError(f'invalid annotation type "{kind}", {expected}')
    if match[1] not in _KINDS:
        raise ValueError(f'unknown annotation type "{match[1]}"')
    return kind


ANNOTATIONS = FlagType(_annotation, many=True, split=True)
