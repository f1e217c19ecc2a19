"""The containers, networks and volumes that a notebook makes, as a Compose file.

source: the Compose specification (compose-spec, 05-services.md, 06-networks.md, 07-volumes.md).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from docker_magics.cli import index
from docker_magics.cli.flag_types.texts import csv_values, mapping
from docker_magics.cli.pflag import ParsedLine
from docker_magics.compose.yaml import dump
from docker_magics.errors import DockerMagicsError, UsageError

from .shell import comment
from .steps import Notebook, Step

#: Flag of docker run -> key of a service with one value.
_VALUES = {
    "cgroup-parent": "cgroup_parent",
    "cpus": "cpus",
    "cpuset-cpus": "cpuset",
    "domainname": "domainname",
    "entrypoint": "entrypoint",
    "hostname": "hostname",
    "ipc": "ipc",
    "mac-address": "mac_address",
    "memory": "mem_limit",
    "memory-reservation": "mem_reservation",
    "pid": "pid",
    "pids-limit": "pids_limit",
    "platform": "platform",
    "restart": "restart",
    "runtime": "runtime",
    "shm-size": "shm_size",
    "stop-signal": "stop_signal",
    "user": "user",
    "userns": "userns_mode",
    "workdir": "working_dir",
}
_SWITCHES = {
    "init": "init",
    "interactive": "stdin_open",
    "privileged": "privileged",
    "read-only": "read_only",
    "tty": "tty",
}
_LISTS = {
    "add-host": "extra_hosts",
    "cap-add": "cap_add",
    "cap-drop": "cap_drop",
    "device": "devices",
    "dns": "dns",
    "dns-search": "dns_search",
    "env": "environment",
    "env-file": "env_file",
    "expose": "expose",
    "group-add": "group_add",
    "label": "labels",
    "publish": "ports",
    "security-opt": "security_opt",
    "sysctl": "sysctls",
    "tmpfs": "tmpfs",
    "volume": "volumes",
}
_HEALTH = {
    "health-interval": "interval",
    "health-retries": "retries",
    "health-start-period": "start_period",
    "health-timeout": "timeout",
}
#: Flags that say how a container is run, not what it is.
_OF_THE_LINE = frozenset({"detach", "name", "rm", "pull", "quiet", "sig-proxy", "network-alias"})
_MODES = re.compile(r"host|none|bridge|default|container:.*")
#: A dollar sign that begins neither the name of an environment variable nor `$$`.
_DOLLAR = re.compile(r"\$(?!\{?[A-Z_]+\b)")


@dataclass
class _State:
    """The objects that exist after some of the commands: name -> description."""

    services: dict[str, dict[str, Any]] = field(default_factory=dict)
    networks: dict[str, dict[str, Any]] = field(default_factory=dict)
    volumes: dict[str, dict[str, Any]] = field(default_factory=dict)
    builds: dict[str, dict[str, str]] = field(default_factory=dict)
    ignored: list[str] = field(default_factory=list)


def compose_file(notebook: Notebook) -> str:
    """Return the Compose file of what exists when the notebook has run.

    Containers that end by themselves (`run` without -d and --name) are left out. A notebook that
    makes no containers, but has a %%compose cell, results in the body of its last one.

    Raises:
        UsageError: it makes neither.
    """
    state = _State()
    bodies = [step.body for step in notebook.steps if step.args[:1] == ("compose",) and step.body]
    for step in notebook.steps:
        if step.args and not step.problem:
            _apply(state, step, notebook.variables)
    head = f"# Made from {comment(notebook.name)} by docker-magics export.\n"
    if state.services:
        ignored = "".join(f"# Not translated: {comment(text)}\n" for text in state.ignored)
        return head + ignored + dump(_content(state))
    if bodies:
        return head + bodies[-1]
    raise UsageError(f"cannot export {notebook.name}: it makes no containers that stay")


def _apply(state: _State, step: Step, variables: Mapping[str, str]) -> None:
    args = [_filled(word, variables) for word in step.args]
    try:
        command, rest = index.resolve(args)
        parsed = command.flag_set().parse(rest)
    except DockerMagicsError:
        return  # the notebook shows an error here
    act = _ACTIONS.get(command.command_name())
    if act is not None:
        act(state, parsed, step)


def _filled(word: str, variables: Mapping[str, str]) -> str:
    for name, value in variables.items():
        word = re.sub(rf"\$(?:{name}\b|\{{{name}\}})", value, word)
    return _DOLLAR.sub("$$$$", re.sub(r"\$\(pwd\)|\$PWD\b|\$\{PWD\}", ".", word))


def _container(state: _State, parsed: ParsedLine, _step: Step) -> None:
    if not parsed.operands:
        return
    flags = [(value.flag.long, value.value) for value in parsed.flag_values]
    name = dict(flags).get("name")
    if not name and "detach" not in dict(flags):
        return
    image, *command = parsed.operands
    name = name or f"app{len(state.services) + 1}"
    service: dict[str, Any] = {"image": image, "container_name": name}
    if image in state.builds:
        service["build"] = state.builds[image]
    if command:
        service["command"] = command
    for flag, value in flags:
        if not _translate(state, service, flag, value):
            state.ignored.append(f"--{flag} of {name}")
    _join(state, service, [value for flag, value in flags if flag == "network-alias"])
    state.services[name] = service


def _translate(state: _State, service: dict[str, Any], flag: str, value: str) -> bool:
    """Add a flag to a service; return whether it is known."""
    if flag in _VALUES:
        service[_VALUES[flag]] = value
    elif flag in _SWITCHES:
        service[_SWITCHES[flag]] = value == "true"
    elif flag in _LISTS:
        service.setdefault(_LISTS[flag], []).append(value)
        if flag == "volume":
            _use_volume(state, value)
    elif flag in _HEALTH:
        service.setdefault("healthcheck", {})[_HEALTH[flag]] = (
            int(value) if flag == "health-retries" and value.isdigit() else value
        )
    elif flag == "health-cmd":
        service.setdefault("healthcheck", {})["test"] = ["CMD-SHELL", value]
    elif flag == "network":
        key = "network_mode" if _MODES.fullmatch(value) else "networks"
        service[key] = value if key == "network_mode" else [*service.get(key, []), value]
    elif flag == "mount":
        return _mount(state, service, mapping(csv_values(value)))
    else:
        return flag in _OF_THE_LINE
    return True


def _mount(state: _State, service: dict[str, Any], fields: Mapping[str, str]) -> bool:
    target = fields.get("target") or fields.get("dst") or fields.get("destination") or ""
    source = fields.get("source") or fields.get("src") or ""
    kind = fields.get("type", "volume")
    if kind == "tmpfs":
        service.setdefault("tmpfs", []).append(target)
        return True
    if kind not in {"bind", "volume"}:
        return False
    is_read_only = {"readonly", "ro"} & set(fields)
    text = f"{source}:{target}" if source else target
    service.setdefault("volumes", []).append(text + (":ro" if is_read_only else ""))
    _use_volume(state, text)
    return True


def _use_volume(state: _State, value: str) -> None:
    """Add the named volume of `NAME:TARGET`, which the container makes."""
    source, colon, _ = value.partition(":")
    if colon and source[:1] not in {"/", ".", "~", "$"}:
        state.volumes.setdefault(source, {"name": source})


def _join(state: _State, service: dict[str, Any], aliases: list[str]) -> None:
    """Add the networks of a service; those that the notebook does not make are external."""
    networks = service.get("networks", [])
    for name in networks:
        state.networks.setdefault(name, {"name": name, "external": True})
    if aliases and networks:
        service["networks"] = {name: {"aliases": aliases} for name in networks}


def _network(state: _State, parsed: ParsedLine, _step: Step) -> None:
    driver = [value.value for value in parsed.flag_values if value.flag.long == "driver"]
    internal = [True for value in parsed.flag_values if value.flag.long == "internal"]
    for name in parsed.operands:
        state.networks[name] = {"name": name} | ({"driver": driver[0]} if driver else {})
        state.networks[name] |= {"internal": True} if internal else {}


def _volume(state: _State, parsed: ParsedLine, _step: Step) -> None:
    for name in parsed.operands:
        state.volumes[name] = {"name": name}


def _build(state: _State, parsed: ParsedLine, step: Step) -> None:
    flags = [(value.flag.long, value.value) for value in parsed.flag_values]
    path = parsed.operands[0] if parsed.operands else "-"
    build = {"context": "." if path == "-" else path}
    if step.body is not None:
        build["dockerfile_inline"] = step.body.replace("$", "$$")
    elif file := dict(flags).get("file"):
        build["dockerfile"] = file
    if target := dict(flags).get("target"):
        build["target"] = target
    state.builds |= {value: build for flag, value in flags if flag == "tag"}


def _connect(state: _State, parsed: ParsedLine, _step: Step) -> None:
    network, container = parsed.operands
    if service := state.services.get(container):
        networks = service.get("networks", [])
        is_list = isinstance(networks, list)
        service["networks"] = [*networks, network] if is_list else {**networks, network: None}
        _join(state, service, [])


def _removal(kind: str) -> Callable[[_State, ParsedLine, Step], None]:
    def remove(state: _State, parsed: ParsedLine, _step: Step) -> None:
        for name in parsed.operands:
            getattr(state, kind).pop(name, None)

    return remove


_ACTIONS: dict[str, Callable[[_State, ParsedLine, Step], None]] = {
    "container create": _container,
    "container rm": _removal("services"),
    "container run": _container,
    "image build": _build,
    "network connect": _connect,
    "network create": _network,
    "network rm": _removal("networks"),
    "volume create": _volume,
    "volume rm": _removal("volumes"),
}


def _content(state: _State) -> dict[str, Any]:
    content: dict[str, Any] = {"services": state.services}
    networks = _used(state.networks, state.services.values())
    return (
        content
        | ({"networks": networks} if networks else {})
        | ({"volumes": state.volumes} if state.volumes else {})
    )


def _used(
    networks: Mapping[str, dict[str, Any]], services: Iterable[Mapping[str, Any]]
) -> dict[str, dict[str, Any]]:
    """Return the networks that a service joins; Compose makes no others."""
    joined = {name for service in services for name in service.get("networks", ())}
    return {name: network for name, network in networks.items() if name in joined}
