"""Parts of a service spec that refer to swarm objects by ID: networks, secrets, configs.

source: docker/cli, cli/command/service/opts.go, parse.go.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from docker_magics.cli.flag_types.networks import Attachment
from docker_magics.engine.client import Engine, path
from docker_magics.errors import UsageError

ALL = "ALL"


def network_id(engine: Engine, name: str) -> str:
    """Return the ID of a swarm network."""
    return str(engine.get(path("networks", name), {"scope": "swarm"})["Id"])


def network(engine: Engine, attachment: Attachment) -> dict[str, Any]:
    """Return the API's NetworkAttachmentConfig."""
    return {
        "Target": network_id(engine, attachment.target),
        "Aliases": list(attachment.aliases),
        "DriverOpts": dict(attachment.driver_opts),
    }


def resolved(
    engine: Engine, kind: str, references: Sequence[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Add the IDs to references of secrets or configs.

    Args:
        engine: a manager of the swarm.
        kind: `Secret` or `Config`.
        references: the references of the command line.

    Raises:
        UsageError: an object does not exist, or two references have the same target.
    """
    if not references:
        return []
    targets = [ref["File"]["Name"] for ref in references if "File" in ref]
    for ref in references:
        if "File" in ref and targets.count(ref["File"]["Name"]) > 1:
            name = ref[f"{kind}Name"]
            raise UsageError(f"duplicate {kind.lower()} target for {name} not allowed")
    names = sorted({ref[f"{kind}Name"] for ref in references})
    objects = engine.get(path(f"{kind.lower()}s"), {"filters": {"name": names}})
    ids = {ref["Spec"]["Name"]: ref["ID"] for ref in objects}
    for ref in references:
        if ref[f"{kind}Name"] not in ids:
            raise UsageError(f"{kind.lower()} not found: {ref[f'{kind}Name']}")
        ref[f"{kind}ID"] = ids[ref[f"{kind}Name"]]
    return list(references)


def resources(texts: Iterable[str]) -> list[dict[str, Any]]:
    """Return the API's GenericResources of `gpu=2`; of duplicate names the last one wins.

    Raises:
        UsageError: a value is not a number.
    """
    resources = {}
    for text in texts:
        kind, _, value = text.partition("=")
        if not value.isdigit():
            raise UsageError(
                f"invalid generic-resource request `{text}`, Named Generic Resources is not"
                " supported for service create or update"
            )
        resources[kind] = {"DiscreteResourceSpec": {"Kind": kind, "Value": int(value)}}
    return list(resources.values())


def capabilities(names: Iterable[str]) -> list[str]:
    """Return the capability names as the API spells them, sorted."""
    upper = {name.strip().upper() for name in names if name.strip()}
    plain = {ALL, "RESET"}
    return sorted(
        name if name in plain or name.startswith("CAP_") else f"CAP_{name}" for name in upper
    )


def effective_capabilities(add: Iterable[str], drop: Iterable[str]) -> tuple[list[str], list[str]]:
    """Return the capabilities to add and to drop; adding takes precedence.

    source: docker/cli, opts/capabilities.go: EffectiveCapAddCapDrop.
    """
    added = capabilities(add)
    dropped = [name for name in capabilities(drop) if name not in added]
    return [ALL] if ALL in added else added, dropped


def hosts(pairs: Iterable[str]) -> list[str]:
    """Convert `host:ip` to the swarm's `ip host`."""
    return [f"{ip} {name}" for name, _, ip in (pair.partition(":") for pair in pairs)]
