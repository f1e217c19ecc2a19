"""Applying the flags of service update to a service's spec.

source: docker/cli, cli/command/service/update.go: updateService.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from docker_magics.cli.flag_types.texts import mapping
from docker_magics.engine.client import Engine
from docker_magics.errors import UsageError

from ._parts import ALL, capabilities, hosts, network, network_id, resolved, resources
from ._settings import put_settings, section
from ._spec import with_credentials
from ._update_flags import ServiceUpdateFlags


def change(flags: ServiceUpdateFlags, spec: dict[str, Any], engine: Engine) -> None:
    """Modify a spec by the flags.

    Raises:
        UsageError: the flags contradict the service or each other.
    """
    task = section(spec, "TaskTemplate")
    container = section(task, "ContainerSpec")
    _change_labels(spec, "Labels", flags.label_add, flags.label_rm)
    _change_container(flags, container)
    _change_references(flags, container, engine)
    put_settings(flags, spec, engine)
    _change_placement(flags, task)
    _change_networks(flags, task, engine)
    _change_replicas(flags, section(spec, "Mode"))
    if flags.publish_add or flags.publish_rm:
        endpoint = section(spec, "EndpointSpec")
        endpoint["Ports"] = _ports(endpoint.get("Ports") or [], flags)
    if flags.force:
        task["ForceUpdate"] = task.get("ForceUpdate", 0) + 1


def _change_container(flags: ServiceUpdateFlags, container: dict[str, Any]) -> None:
    if flags.image is not None:
        container["Image"] = flags.image
    if flags.args is not None:
        container["Args"] = flags.args
    _change_labels(container, "Labels", flags.container_label_add, flags.container_label_rm)
    _change_labels(container, "Sysctls", flags.sysctl_add, flags.sysctl_rm)
    _change_list(container, "Env", flags.env_add, flags.env_rm, _name, added_stay=True)
    _change_list(container, "Groups", flags.group_add, flags.group_rm, str, ordered=True)
    _change_list(
        container, "Mounts", flags.mount_add, flags.mount_rm, lambda m: m.get("Target", "")
    )
    _change_list(
        container,
        "Ulimits",
        flags.ulimit_add,
        flags.ulimit_rm,
        lambda u: u["Name"],
        ordered=True,
        added_stay=True,
    )
    dns = container.get("DNSConfig") or {}
    _change_list(dns, "Nameservers", flags.dns_add, flags.dns_rm, str, ordered=True)
    _change_list(dns, "Options", flags.dns_option_add, flags.dns_option_rm, str, ordered=True)
    _change_list(dns, "Search", flags.dns_search_add, flags.dns_search_rm, str, ordered=True)
    if dns:
        container["DNSConfig"] = dns
    if flags.host_add or flags.host_rm:
        container["Hosts"] = _hosts(container.get("Hosts") or [], flags)
    if flags.cap_add or flags.cap_drop:
        container |= _capabilities(container, flags)


def _change_labels(
    owner: dict[str, Any], key: str, added: Iterable[str], removed: Iterable[str]
) -> None:
    added, removed = mapping(added), mapping(removed)
    if added or removed:
        kept = {name: text for name, text in (owner.get(key) or {}).items() if name not in removed}
        owner[key] = kept | added


def _change_list(
    owner: dict[str, Any],
    key: str,
    added: list[Any],
    removed: list[str],
    name: Callable[[Any], str],
    *,
    ordered: bool = False,
    added_stay: bool = False,
) -> None:
    """Add, replace and remove list items by name.

    Args:
        owner: the part of the spec with the list.
        key: the list's key.
        added: items to add, or to replace those with the same name.
        removed: names to remove.
        name: item -> name.
        ordered: whether to sort the list by name.
        added_stay: whether added items survive a removal of the same name.
    """
    if not added and not removed:
        return
    new = {name(item): item for item in added}
    items = {name(item): item for item in owner.get(key) or []} | new
    removed_names = set(removed) - (new.keys() if added_stay else set())
    kept = [item for item_name, item in items.items() if item_name not in removed_names]
    owner[key] = sorted(kept, key=name) if ordered else kept


def _name(pair: str) -> str:
    return pair.partition("=")[0]


def _hosts(known: list[str], flags: ServiceUpdateFlags) -> list[str]:
    """Return lines of `IP name alias...`, without the `name` or `name:IP` of --host-rm."""
    removed = [entry.partition(":")[::2] for entry in flags.host_rm]
    lines = []
    for line in known:
        ip, *names = line.split()
        kept = [
            entry for entry in names if (entry, "") not in removed and (entry, ip) not in removed
        ]
        if kept:
            lines.append(" ".join([ip, *kept]))
    return list(dict.fromkeys([*lines, *hosts(flags.host_add)]))


def _capabilities(container: dict[str, Any], flags: ServiceUpdateFlags) -> dict[str, list[str]]:
    """Combine capabilities: adding a dropped one undoes the drop, and vice versa; adding wins.

    source: docker/cli, cli/command/service/update.go: updateCapabilities.
    """
    added, dropped = (
        set(capabilities(container.get(key) or [])) for key in ("CapabilityAdd", "CapabilityDrop")
    )
    to_add, to_drop = set(capabilities(flags.cap_add)), set(capabilities(flags.cap_drop))
    added = set() if "RESET" in to_add else added
    dropped = set() if "RESET" in to_drop else dropped
    to_add, to_drop = to_add - {"RESET"}, to_drop - {"RESET"} - to_add
    dropped |= to_drop - added
    added -= to_drop
    added |= to_add - dropped
    dropped -= to_add
    return {
        key: [ALL] if ALL in names else sorted(names)
        for key, names in (("CapabilityAdd", added), ("CapabilityDrop", dropped))
    }


def _change_references(
    flags: ServiceUpdateFlags, container: dict[str, Any], engine: Engine
) -> None:
    if flags.secret_add or flags.secret_rm:
        kept = _without(container.get("Secrets") or [], "SecretName", flags.secret_rm)
        container["Secrets"] = [*kept, *resolved(engine, "Secret", flags.secret_add)]
    if flags.config_add or flags.config_rm or flags.credential_spec is not None:
        new = with_credentials(flags.credential_spec, flags.config_add, engine)
        kept = _without(container.get("Configs") or [], "ConfigName", flags.config_rm)
        if flags.credential_spec is not None:
            kept = [config for config in kept if config.get("Runtime") is None]
            container.pop("Privileges", None)
        container |= new | {"Configs": [*kept, *new["Configs"]]}


def _without(items: list[dict[str, Any]], key: str, names: list[str]) -> list[dict[str, Any]]:
    return [item for item in items if item[key] not in names]


def _change_placement(flags: ServiceUpdateFlags, task: dict[str, Any]) -> None:
    placement = task.get("Placement") or {}
    _change_list(
        placement, "Constraints", flags.constraint_add, flags.constraint_rm, str, ordered=True
    )
    if flags.placement_pref_add or flags.placement_pref_rm:
        known = placement.get("Preferences") or []
        kept = [preference for preference in known if preference not in flags.placement_pref_rm]
        placement["Preferences"] = [*kept, *flags.placement_pref_add]
    if placement:
        task["Placement"] = placement
    if flags.generic_resource_add or flags.generic_resource_rm:
        _change_resources(flags, section(task, "Resources", "Reservations"))


def _change_resources(flags: ServiceUpdateFlags, reservations: dict[str, Any]) -> None:
    def kind(resource: dict[str, Any]) -> str:
        return str(resource["DiscreteResourceSpec"]["Kind"])

    added = resources(flags.generic_resource_add)
    known = {kind(resource) for resource in [*(reservations.get("GenericResources") or []), *added]}
    for name in flags.generic_resource_rm:
        if name not in known:
            raise UsageError(f"could not find generic-resource `{name}` to remove it")
    _change_list(reservations, "GenericResources", added, flags.generic_resource_rm, kind)


def _change_networks(flags: ServiceUpdateFlags, task: dict[str, Any], engine: Engine) -> None:
    if not flags.network_add and not flags.network_rm:
        return
    removed = {network_id(engine, name) for name in flags.network_rm}
    kept = [network for network in task.get("Networks") or [] if network["Target"] not in removed]
    for attachment in flags.network_add:
        new = network(engine, attachment)
        if any(network["Target"] == new["Target"] for network in kept):
            raise UsageError(f"service is already attached to network {attachment.target}")
        kept.append(new)
    task["Networks"] = sorted(kept, key=lambda network: str(network["Target"]))


def _change_replicas(flags: ServiceUpdateFlags, mode: dict[str, Any]) -> None:
    if flags.replicas is None:
        return
    if mode.get("Replicated") is None:
        raise UsageError("replicas can only be used with replicated mode")
    mode["Replicated"]["Replicas"] = flags.replicas


def _ports(known: list[dict[str, Any]], flags: ServiceUpdateFlags) -> list[dict[str, Any]]:
    def text(port: dict[str, Any]) -> str:
        published, target = port.get("PublishedPort", 0), port.get("TargetPort", 0)
        return f"{published}:{target}/{port.get('Protocol')}/{port.get('PublishMode')}"

    def target_of(port: dict[str, Any]) -> tuple[Any, ...]:
        protocol, mode = port.get("Protocol") or "tcp", port.get("PublishMode") or "ingress"
        return port.get("TargetPort"), protocol, mode

    removed = {target_of(port) for port in flags.publish_rm}
    before = {text(port) for port in known}
    kept = [port for port in known if target_of(port) not in removed]
    added = [port for port in flags.publish_add if text(port) not in before]
    return sorted([*kept, *added], key=text)
