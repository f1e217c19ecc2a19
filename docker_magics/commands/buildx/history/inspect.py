"""docker buildx history inspect: show the settings and the outcome of a build record.

source: docker/buildx, commands/history/inspect.go: runInspect, inspectOutput.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from docker_magics.cli.command import Command, flag, operand
from docker_magics.engine.client import Engine
from docker_magics.errors import UsageError
from docker_magics.results.text import Text, tabbed

from ._records import materials_of, name_of, record_of, records_of

if TYPE_CHECKING:
    from docker_magics.engine.buildkit.control import Record

#: Setting of the frontend -> its key in the JSON, and its heading.
_SETTINGS = {
    "force-network-mode": ("Network", "Network"),
    "hostname": ("Hostname", "Hostname"),
    "add-hosts": ("ExtraHosts", "Extra Hosts"),
    "cgroup-parent": ("CgroupParent", "Cgroup Parent"),
    "image-resolve-mode": ("ImageResolveMode", "Image Resolve Mode"),
    "no-cache": ("NoCacheFilter", "No Cache Filter"),
    "shm-size": ("ShmSize", "Shm Size"),
    "ulimit": ("Ulimit", "Resource Limits"),
}
_LISTS = frozenset({"add-hosts", "no-cache"})
_CANCELED = 1
#: The names of gRPC's status codes.
_CODES = (
    *("OK", "Canceled", "Unknown", "InvalidArgument", "DeadlineExceeded", "NotFound"),
    *("AlreadyExists", "PermissionDenied", "ResourceExhausted", "FailedPrecondition", "Aborted"),
    *("OutOfRange", "Unimplemented", "Internal", "Unavailable", "DataLoss", "Unauthenticated"),
)


class BuildxHistoryInspect(Command):
    """Inspect a build record"""

    usage = "[OPTIONS] [REF]"

    format: str = flag("--format string", "Format the output", default="pretty")
    ref: str | None = operand(optional=True)

    def run(self, engine: Engine) -> Text:
        """Return a build, by default the last one; `^1` is the one before.

        Unlike with buildx, its attachments and the excerpt of the Dockerfile are not shown.

        Raises:
            EngineError: the build is unknown.
            UsageError: the engine keeps no history, has no builds, or the format is unknown.
        """
        if self.format not in {"json", "pretty"}:
            raise UsageError(f"expected --format pretty or json, got {self.format}")
        with records_of(engine):
            record = record_of(engine, self.ref or "")
            materials = materials_of(engine, record)
        details = _details(record, materials)
        if self.format == "json":
            return Text(json.dumps(details, indent=2, ensure_ascii=False))
        return Text(_pretty(details, record, with_ref=not self.ref))


def _details(record: Record, materials: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """Return the JSON of a build; empty values are left out."""
    attributes = record.attributes
    platforms = attributes.get("platform", "")
    details = {
        "Name": name_of(record),
        "Ref": record.ref,
        "Context": attributes.get("context"),
        "Dockerfile": attributes.get("filename"),
        "VCSRepository": attributes.get("vcs:source"),
        "VCSRevision": attributes.get("vcs:revision"),
        "Target": attributes.get("target"),
        "Platform": platforms.split(",") if platforms else [],
        "NamedContexts": _pairs(attributes, "context:"),
        "StartedAt": _time(record.created),
        "CompletedAt": _time(record.completed),
        "Duration": round(((record.completed or record.created) - record.created) * 1e9),
        "Status": _status(record),
        "Error": {"Code": record.error_code, "Message": record.error} if record.error else None,
    }
    steps = {
        "NumCompletedSteps": record.completed_steps,
        "NumTotalSteps": record.total_steps,
        "NumCachedSteps": record.cached_steps,
    }
    rest = {
        "BuildArgs": _pairs(attributes, "build-arg:"),
        "Labels": _pairs(attributes, "label:"),
        "Materials": [{"URI": uri, "Digests": [digest]} for uri, digest in materials],
    }
    return _given(details) | steps | {"Config": _config(attributes)} | _given(rest)


def _given(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value}


def _config(attributes: Mapping[str, str]) -> dict[str, Any]:
    if attributes.get("no-cache") == "":
        return _config({**attributes, "no-cache": "*"}) | {"NoCache": True, "NoCacheFilter": None}
    return {
        key: attributes[name].split(",") if name in _LISTS else attributes[name]
        for name, (key, _) in _SETTINGS.items()
        if attributes.get(name)
    }


def _pairs(attributes: Mapping[str, str], prefix: str) -> list[dict[str, str]]:
    names = sorted(name for name in attributes if name.startswith(prefix))
    return [{"Name": name.removeprefix(prefix), "Value": attributes[name]} for name in names]


def _time(seconds: float | None) -> str:
    if seconds is None:
        return ""
    return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")


def _status(record: Record) -> str:
    if record.completed is None:
        return "running"
    if record.error:
        return "canceled" if record.error_code == _CANCELED else "failed"
    return "completed"


def _pretty(details: Mapping[str, Any], record: Record, *, with_ref: bool) -> str:
    """Return a build for people, in sections with an empty line between them."""
    headings = {"VCSRepository": "VCS Repository", "VCSRevision": "VCS Revision"}
    keys = ("Name", "Ref", "Context", "Dockerfile", *headings, "Target")
    head = [
        (headings.get(key, key), details[key])
        for key in keys
        if key in details and (with_ref or key != "Ref")
    ]
    if platforms := details.get("Platform"):
        head.append(("Platforms", ", ".join(platforms)))
    config = {heading: details["Config"].get(key) for key, heading in _SETTINGS.values()}
    config["No Cache"] = "true" if details["Config"].get("NoCache") else ""
    settings = [
        (name, ", ".join(value) if isinstance(value, list) else value)
        for name, value in config.items()
        if value
    ]
    materials = [(it["URI"], ", ".join(it["Digests"])) for it in details.get("Materials", [])]
    sections = [
        _rows(head),
        _table("NAMED CONTEXT", details.get("NamedContexts", [])),
        _rows(_outcome(details, record)),
        _rows(settings),
        _table("BUILD ARG", details.get("BuildArgs", [])),
        _table("LABEL", details.get("Labels", [])),
        "Materials:\n" + tabbed([("URI", "DIGEST"), *materials]) if materials else "",
        f"Print build logs: docker buildx history logs {record.ref}\n",
    ]
    return "\n".join(filter(None, sections))


def _outcome(details: Mapping[str, Any], record: Record) -> list[tuple[str, str]]:
    started = datetime.fromtimestamp(record.created, UTC).astimezone()
    running = " (running)" if details["Status"] == "running" else ""
    rows = [
        ("Started", started.strftime("%Y-%m-%d %H:%M:%S")),
        ("Duration", f"{_duration(details.get('Duration', 0) / 1e9)}{running}"),
    ]
    if details["Status"] == "failed":
        code = dict(enumerate(_CODES)).get(record.error_code, f"Code({record.error_code})")
        rows.append(("Error", f"{code} {record.error}"))
    elif details["Status"] == "canceled":
        rows.append(("Status", "Canceled"))
    total, cached = record.total_steps, record.cached_steps
    share = f"{cached / total * 100:.0f}" if total else "NaN"
    return [*rows, ("Build Steps", f"{record.completed_steps}/{total} ({share}% cached)")]


def _duration(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:.1f}s"
    return f"{int(seconds // 60)}m {int(seconds % 60):2}s"


def _rows(rows: Sequence[tuple[str, str]]) -> str:
    return tabbed([(f"{name}:", value) for name, value in rows])


def _table(title: str, pairs: Sequence[Mapping[str, str]]) -> str:
    rows = [(pair["Name"], pair["Value"]) for pair in pairs]
    return tabbed([(title, "VALUE"), *rows]) if rows else ""
