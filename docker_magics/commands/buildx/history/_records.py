"""The builds that an engine's BuildKit remembers.

source: docker/buildx, commands/history/ls.go.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from docker_magics.engine.client import Engine
from docker_magics.errors import EngineError, UsageError
from docker_magics.results import human
from docker_magics.results.listing import text_listing

if TYPE_CHECKING:
    from docker_magics.engine.buildkit.control import Record


def _status(record: Record) -> str:
    if record.completed is None:
        return "Running"
    return "Error" if record.error else "Completed"


def _duration(record: Record) -> str:
    return "" if record.completed is None else f"{record.completed - record.created:.1f}s"


def name_of(record: Record) -> str:
    """Return the name of a build: its context, Dockerfile and target, as far as BuildKit knows.

    source: docker/buildx, commands/history/utils.go: buildName.
    """
    attributes = record.attributes
    if name := attributes.get("build-arg:BUILDKIT_BUILD_NAME"):
        return name
    file = attributes.get("filename", "")
    name = attributes.get("context") or ("" if file == "Dockerfile" else file)
    target = attributes.get("target", "")
    named = f"{name} ({target})" if name and target else name or target
    return named or attributes.get("vcs:source", "")


RECORDS = text_listing(
    {
        "ID": lambda record: record.ref,
        "Name": name_of,
        "Status": _status,
        "CreatedAt": lambda record: human.ago(record.created),
        "Duration": _duration,
    },
    headings={"ID": "BUILD ID", "CreatedAt": "CREATED AT"},
)


def materials_of(engine: Engine, record: Record) -> list[tuple[str, str]]:
    """Return what a build was made of, by its provenance: the URI of each material, its digest.

    Raises:
        CallError: the call failed.
        EngineError: the provenance is malformed.

    source: https://slsa.dev/provenance/v0.2: materials; v1: buildDefinition.
    """
    from docker_magics.commands.image._metadata import provenance_of

    for result in record.results.values():
        predicate = provenance_of(engine, result)
        materials = predicate.get("materials")
        if materials is None:
            materials = (predicate.get("buildDefinition") or {}).get("resolvedDependencies")
        return [
            (str(material.get("uri", "")), f"{algorithm}:{digest}")
            for material in materials or []
            for algorithm, digest in (material.get("digest") or {}).items()
        ]
    return []


def record_of(engine: Engine, ref: str) -> Record:
    """Return a build of the history.

    Args:
        engine: the engine.
        ref: the build's ID, "" for the last build, `^1` for the one before.

    Raises:
        CallError: the call failed.
        UsageError: the build does not exist.

    source: docker/buildx, commands/history/utils.go: queryRecords.
    """
    from docker_magics.engine.buildkit import control

    offset = 0
    if ref.startswith("^"):
        if not re.fullmatch(r"\d{1,9}", ref[1:], re.ASCII):
            raise UsageError(f'invalid offset "{ref}"')
        offset, ref = int(ref[1:]), ""
    records = control.history(engine, ref.rpartition("/")[2])
    records.sort(key=lambda record: record.created, reverse=True)
    if offset and offset >= len(records):
        raise UsageError(f"no completed build found with offset {offset - len(records)}")
    if not records:
        raise UsageError(f'no record found for ref "{ref}"' if ref else "no records found")
    return records[offset]


@contextlib.contextmanager
def records_of(engine: Engine) -> Iterator[None]:
    """Turn a failed call of the history into one line.

    Raises:
        EngineError: the call failed.
        UsageError: the engine keeps no history.
    """
    from docker_magics.engine.buildkit.grpc import CallError

    if not engine.has_buildkit:
        raise UsageError("cannot read the history of builds: the engine has no BuildKit")
    engine.require("1.42", "buildx history")
    try:
        yield
    except CallError as error:
        raise EngineError(f"cannot use the history of builds: {error}") from error
