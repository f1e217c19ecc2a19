"""Parts of a service that need the swarm: networks, secrets and configs by their IDs.

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
    """The ID of a network of the swarm."""
    return str(engine.get(path("networks", name), {"scope": "swarm"})["Id"])


def network(engine: Engine, attachment: Attachment) -> dict[str, Any]:
    """The API's NetworkAttachmentConfig."""
    return {
        "Target": network_id(engine, attachment.target),
        "Aliases": list(attachment.aliases),
        "DriverOpts": dict(attachment.driver_opts),
    }


def resolved(
    engine: Engine, kind: str, references: Sequence[dict[str, Any]]
) -> list[dict[str, Any]]:
    """References to secrets or configs with their IDs.

    Args:
        engine: a manager of the swarm.
        kind: `Secret` or `Config`.
        references: as the command line has them.

    Raises:
        UsageError: there is no such one, or two have one target.
    """
    if not references:
        return []
    targets = [each["File"]["Name"] for each in references if "File" in each]
    for each in references:
        if "File" in each and targets.count(each["File"]["Name"]) > 1:
            name = each[f"{kind}Name"]
            raise UsageError(f"duplicate {kind.lower()} target for {name} not allowed")
    names = sorted({each[f"{kind}Name"] for each in references})
    found = engine.get(path(f"{kind.lower()}s"), {"filters": {"name": names}})
    known = {each["Spec"]["Name"]: each["ID"] for each in found}
    for each in references:
        if each[f"{kind}Name"] not in known:
            raise UsageError(f"{kind.lower()} not found: {each[f'{kind}Name']}")
        each[f"{kind}ID"] = known[each[f"{kind}Name"]]
    return list(references)


def resources(given: Iterable[str]) -> list[dict[str, Any]]:
    """The API's GenericResources of `gpu=2`; of those with one name the last counts.

    Raises:
        UsageError: a value is no number.
    """
    found = {}
    for each in given:
        kind, _, value = each.partition("=")
        if not value.isdigit():
            raise UsageError(
                f"invalid generic-resource request `{each}`, Named Generic Resources is not"
                " supported for service create or update"
            )
        found[kind] = {"DiscreteResourceSpec": {"Kind": kind, "Value": int(value)}}
    return list(found.values())


def capabilities(names: Iterable[str]) -> list[str]:
    """Return the capability names as the API spells them, sorted."""
    upper = {name.strip().upper() for name in names if name.strip()}
    plain = {ALL, "RESET"}
    return sorted(
        name if name in plain or name.startswith("CAP_") else f"CAP_{name}" for name in upper
    )


def hosts(pairs: Iterable[str]) -> list[str]:
    """`host:ip` as the swarm has it: `ip host`."""
    return [f"{ip} {name}" for name, _, ip in (each.partition(":") for each in pairs)]
