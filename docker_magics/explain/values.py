"""Explain flags together with their values."""

from __future__ import annotations

import os
from collections.abc import Callable

from docker_magics.cli.command import Flag
from docker_magics.cli.flag_types import mounts, networks, resources
from docker_magics.cli.pflag import FlagValue
from docker_magics.errors import FlagError
from docker_magics.results import human
from docker_magics.wire import go, reference

from .texts import Texts

#: Sentences, the flag's purpose, the value as typed -> a sentence.
_Explainer = Callable[[Texts, str, str], str]

_LOOPBACK = frozenset({"127.0.0.1", "::1"})
_BILLION = 1_000_000_000


def flag_meaning(command: str, setting: FlagValue, texts: Texts) -> str:
    """Return a sentence about one flag of a command line.

    Args:
        command: the command's full name, `container run`.
        setting: the flag and its value.
        texts: the sentences of one language.
    """
    flag, value = setting
    text = texts.flag(command, flag)
    if flag.long == "help":
        return texts.say("help")
    if not flag.type_name:
        return text if flag.read(value) else texts.say("off", text=text)
    try:
        return _explainer(flag)(texts, text, value)
    except (ValueError, FlagError) as error:
        refusal = texts.say("value", text=text, value=value)
        return texts.say("refused", text=refusal, reason=str(error))


def _explainer(flag: Flag) -> _Explainer:
    """Return the explainer for the flag's name, or else for its value type."""
    return _BY_NAME.get((flag.long, flag.type_name)) or _BY_KIND.get(flag.type_name, _plain)


def _plain(texts: Texts, text: str, value: str) -> str:
    return texts.say("value", text=text, value=value)


def _bytes(texts: Texts, text: str, value: str) -> str:
    if value == "-1":
        return texts.say("no_limit", text=text)
    count = go.ram_in_bytes(value)
    return texts.say("bytes", text=text, value=human.binary_size(count), count=count)


def _duration(texts: Texts, text: str, value: str) -> str:
    seconds = f"{go.parse_duration(value) / _BILLION:g}"
    return texts.say("seconds", text=text, value=value, seconds=seconds)


def _port(texts: Texts, _text: str, value: str) -> str:
    bindings = networks.published_ports([value])
    first, last = (list(bindings)[place] for place in (0, -1))
    hosts = [bindings[port][0]["HostPort"] for port in (first, last)]
    ports, _, protocol = first.partition("/")
    container = _range(ports, last.partition("/")[0])
    ip = bindings[first][0]["HostIp"]
    if not hosts[0]:
        sentence = texts.say("port_free", container=container)
    else:
        form = "port_one_of" if first == last and "-" in hosts[0] else "port"
        sentence = texts.say(form, host=_range(*hosts), container=container)
    if protocol != "tcp":
        sentence = texts.say("port_protocol", text=sentence, protocol=protocol)
    if ip in {"", "0.0.0.0", "::"}:  # noqa: S104 - docker's spellings of every address
        return sentence
    return texts.say("port_local" if ip in _LOOPBACK else "port_ip", text=sentence, ip=ip)


def _range(first: str, last: str) -> str:
    return first if first == last else f"{first}-{last}"


def _volume(texts: Texts, _text: str, value: str) -> str:
    binds, anonymous = mounts.volumes([value])
    if anonymous:
        return texts.say("mount_anonymous", target=value)
    source, target, *rest = binds[0].split(":")
    options = rest[0].split(",") if rest else []
    is_path = source.startswith(("/", "~", "."))
    sentence = texts.say("mount_bind" if is_path else "mount_volume", source=source, target=target)
    if "ro" in options:
        sentence = texts.say("read_only", text=sentence)
    other = [option for option in options if option not in {"ro", "rw"}]
    return texts.say("options", text=sentence, options=", ".join(other)) if other else sentence


def _mount(texts: Texts, _text: str, value: str) -> str:
    spec = mounts.mount(value)
    kind, source, target = spec["Type"], spec.get("Source", ""), spec.get("Target", "")
    name = "mount_anonymous" if kind == "volume" and not source else f"mount_{kind}"
    name = name if texts.has(name) else "mount_other"
    sentence = texts.say(name, source=source, target=target, type=kind)
    return texts.say("read_only", text=sentence) if spec.get("ReadOnly") else sentence


def _tmpfs(texts: Texts, _text: str, value: str) -> str:
    target, _, options = value.partition(":")
    sentence = texts.say("mount_tmpfs", target=target)
    return texts.say("options", text=sentence, options=options) if options else sentence


def _environment(texts: Texts, _text: str, value: str) -> str:
    name, equals, content = value.partition("=")
    if equals:
        return texts.say("env_set", name=name, value=content)
    return texts.say("env_here" if name in os.environ else "env_unset", name=name)


def _build_argument(texts: Texts, _text: str, value: str) -> str:
    name, equals, content = value.partition("=")
    if equals:
        return texts.say("build_arg", name=name, value=content)
    return texts.say("build_arg_here", name=name)


def _restart(texts: Texts, text: str, value: str) -> str:
    policy = resources.restart_policy(value)
    name = f"restart_{policy.get('Name') or 'no'}"
    if not texts.has(name):
        return _plain(texts, text, value)
    sentence = texts.say(name)
    tries = policy.get("MaximumRetryCount")
    return texts.say("restart_tries", text=sentence, count=tries) if tries else sentence


def _pull(texts: Texts, text: str, value: str) -> str:
    name = f"pull_{value}"
    return texts.say(name) if texts.has(name) else _plain(texts, text, value)


def _network(texts: Texts, _text: str, value: str) -> str:
    attachment = networks.network(value)
    prefix, colon, other = attachment.target.partition(":")
    if colon and prefix == "container":
        return texts.say("network_container", name=other)
    if not networks.is_user_defined(attachment.target):
        return texts.say(f"network_{attachment.target.replace('default', 'bridge')}")
    sentence = texts.say("network_own", name=attachment.target)
    if not attachment.aliases:
        return sentence
    return texts.say("network_aliases", text=sentence, aliases=", ".join(attachment.aliases))


def _host(texts: Texts, _text: str, value: str) -> str:
    name, _, ip = networks.extra_host(value).partition(":")
    return texts.say("host", name=name, ip=ip)


def _label(texts: Texts, _text: str, value: str) -> str:
    name, equals, content = value.partition("=")
    if not equals:
        return texts.say("label_bare", name=name)
    return texts.say("label", name=name, value=content)


def _filter(texts: Texts, text: str, value: str) -> str:
    name, equals, content = value.partition("=")
    if not equals:
        return _plain(texts, text, value)
    if name == "until":
        return texts.say("filter_until", value=content)
    form = "filter_not" if name.endswith("!") else "filter"
    return texts.say(form, name=name.removesuffix("!"), value=content)


def _format(texts: Texts, _text: str, value: str) -> str:
    if value in {"json", "table"}:
        return texts.say(f"format_{value}")
    return texts.say("value", text=texts.say("format_template"), value=value)


def _tail(texts: Texts, _text: str, value: str) -> str:
    return texts.say("tail", value=value) if value.isdigit() else texts.say("tail_all")


def _tag(texts: Texts, _text: str, value: str) -> str:
    return texts.say("tag", reference=reference.parse(value).tagged)


def _ulimit(texts: Texts, _text: str, value: str) -> str:
    limit = resources.ulimit(value)
    return texts.say("ulimit", name=limit["Name"], soft=limit["Soft"], hard=limit["Hard"])


def _user(texts: Texts, _text: str, value: str) -> str:
    user, colon, group = value.partition(":")
    return (
        texts.say("user_group", user=user, group=group) if colon else texts.say("user", value=user)
    )


#: Explainers by flag name and the value type that its help prints.
_BY_NAME: dict[tuple[str, str], _Explainer] = {
    ("add-host", "list"): _host,
    ("build-arg", "list"): _build_argument,
    ("env", "list"): _environment,
    ("format", "string"): _format,
    ("label", "list"): _label,
    ("network", "network"): _network,
    ("publish", "list"): _port,
    ("pull", "string"): _pull,
    ("restart", "string"): _restart,
    ("tag", "list"): _tag,
    ("tail", "string"): _tail,
    ("tmpfs", "list"): _tmpfs,
    ("user", "string"): _user,
    ("volume", "list"): _volume,
}
_BY_KIND: dict[str, _Explainer] = {
    "bytes": _bytes,
    "duration": _duration,
    "filter": _filter,
    "mount": _mount,
    "ulimit": _ulimit,
}
