"""What may follow in a docker line: the values of flags, the keys of filters, the operands.

source: docker/cli 28.2.2, `docker __complete`: cli/command/completion/functions.go,
cli/command/container/completion.go, cli/command/system/completion.go.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

#: Runs a docker command that lists names, and returns them.
ListNames = Callable[[Sequence[str]], Iterable[str]]

_CONTAINERS = ("--format", "{{.Names}}")
_EXITED = ("--filter", "status=created", "--filter", "status=exited", "--filter", "status=dead")
#: Kind of object -> the commands that list the names of such objects.
_LISTED_BY: dict[str, tuple[tuple[str, ...], ...]] = {
    "CONTAINER": (("ps", "-a", *_CONTAINERS),),
    "RUNNING": (("ps", *_CONTAINERS),),
    "ACTIVE": (("ps", "--filter", "status=running", *_CONTAINERS),),
    "PAUSED": (("ps", "--filter", "status=paused", *_CONTAINERS),),
    "STOPPED": (("ps", "-a", *_EXITED, *_CONTAINERS),),
    "IMAGE": (("images", "--format", "{{.Repository}}:{{.Tag}}"),),
    "NETWORK": (("network", "ls", "--format", "{{.Name}}"),),
    "VOLUME": (("volume", "ls", "-q"),),
    "CONTEXT": (("context", "ls", "-q"),),
    "PLUGIN": (("plugin", "ls", "--format", "{{.Name}}"),),
    "NODE": (("node", "ls", "--format", "{{.Hostname}}"),),
    "SERVICE": (("service", "ls", "--format", "{{.Name}}"),),
    "SECRET": (("secret", "ls", "--format", "{{.Name}}"),),
    "CONFIG": (("config", "ls", "--format", "{{.Name}}"),),
    "STACK": (("stack", "ls", "--format", "{{.Name}}"),),
    "LOG_DRIVER": (("info", "--format", "{{range .Plugins.Log}}{{println .}}{{end}}"),),
    "VOLUME_DRIVER": (("info", "--format", "{{range .Plugins.Volume}}{{println .}}{{end}}"),),
}
_LISTED_BY["OBJECT"] = _LISTED_BY["CONTAINER"] + _LISTED_BY["IMAGE"]

#: Command -> the kinds of its operands, where the usage line's placeholders do not say it.
_OPERANDS: dict[str, tuple[str, ...]] = {
    "inspect": ("OBJECT", "..."),
    "init": ("FOLDER",),
    "buildx bake": ("BAKED", "..."),
    "image build": ("FOLDER",),
    "image import": ("FILE", "IMAGE"),
    "image ls": ("IMAGE",),
    "image pull": ("IMAGE",),
    "image push": ("IMAGE",),
    "image tag": ("IMAGE", "IMAGE"),
    "container attach": ("ACTIVE",),
    "debug": ("OBJECT",),
    "container commit": ("RUNNING", "IMAGE"),
    "container console": ("ACTIVE",),
    "container cp": ("COPIED", "COPIED"),
    "container create": ("IMAGE",),
    "container diff": ("RUNNING",),
    "container exec": ("ACTIVE",),
    "container kill": ("RUNNING", "..."),
    "container pause": ("ACTIVE", "..."),
    "container port": ("RUNNING",),
    "container rename": ("CONTAINER",),
    "container run": ("IMAGE",),
    "container start": ("STOPPED", "..."),
    "container stats": ("RUNNING", "..."),
    "container stop": ("RUNNING", "..."),
    "container top": ("RUNNING",),
    "container unpause": ("PAUSED", "..."),
    "container wait": ("RUNNING", "..."),
    "config create": ("", "FILE"),
    "secret create": ("", "FILE"),
    "context create": (),
    "context export": ("CONTEXT", "FILE"),
    "context import": ("", "FILE"),
    "network create": (),
    "service create": ("IMAGE",),
    "session start": (),
    "volume create": (),
    "plugin create": ("", "FOLDER"),
    "plugin install": (),
    "ui": ("RUNNING", "..."),
}

_CAPABILITIES = (
    "ALL CAP_AUDIT_CONTROL CAP_AUDIT_READ CAP_AUDIT_WRITE CAP_BLOCK_SUSPEND CAP_BPF "
    "CAP_CHECKPOINT_RESTORE CAP_CHOWN CAP_DAC_OVERRIDE CAP_DAC_READ_SEARCH CAP_FOWNER CAP_FSETID "
    "CAP_IPC_LOCK CAP_IPC_OWNER CAP_KILL CAP_LEASE CAP_LINUX_IMMUTABLE CAP_MAC_ADMIN "
    "CAP_MAC_OVERRIDE CAP_MKNOD CAP_NET_ADMIN CAP_NET_BIND_SERVICE CAP_NET_BROADCAST CAP_NET_RAW "
    "CAP_PERFMON CAP_SETFCAP CAP_SETGID CAP_SETPCAP CAP_SETUID CAP_SYSLOG CAP_SYS_ADMIN "
    "CAP_SYS_BOOT CAP_SYS_CHROOT CAP_SYS_MODULE CAP_SYS_NICE CAP_SYS_PACCT CAP_SYS_PTRACE "
    "CAP_SYS_RAWIO CAP_SYS_RESOURCE CAP_SYS_TIME CAP_SYS_TTY_CONFIG CAP_WAKE_ALARM"
)
_SIGNALS = (
    "ABRT ALRM BUS CHLD CONT FPE HUP ILL INT IO KILL PIPE PROF PWR QUIT SEGV STKFLT STOP SYS TERM "
    "TRAP TSTP TTIN TTOU URG USR1 USR2 VTALRM WINCH XCPU XFSZ"
)
#: Flag -> its values.
_VALUES = {
    "attach": "stdin stdout stderr",
    "builder": "buildkit classic",
    "cap-add": _CAPABILITIES,
    "cap-drop": _CAPABILITIES,
    "cgroupns": "host private",
    "detach-keys": "ctrl-",
    "endpoint-mode": "vip dnsrr",
    "format": "json table",
    "gpus": "all",
    "ipc": "container: host none private shareable",
    "lang": "en ko",
    "log-level": "debug info warn error fatal panic",
    "log-opt": "compress= env= env-regex= labels= labels-regex= max-buffer-size= max-file= "
    "max-size= mode= tag=",
    "mode": "replicated global replicated-job global-job",
    "pid": "container: host",
    "platform": "linux/386 linux/amd64 linux/arm linux/arm/v5 linux/arm/v6 linux/arm/v7 "
    "linux/arm64 linux/arm64/v8 linux/ppc64le linux/riscv64 linux/s390x wasip1/wasm windows/amd64",
    "progress": "auto plain quiet tty",
    "pull": "always missing never",
    "resolve-image": "always changed never",
    "restart": "always no on-failure unless-stopped",
    "restart-condition": "any none on-failure",
    "rollback-failure-action": "continue pause",
    "rollback-order": "start-first stop-first",
    "security-opt": "apparmor= label= no-new-privileges seccomp= systempaths=unconfined",
    "signal": _SIGNALS,
    "stop-signal": _SIGNALS,
    "storage-opt": "size=",
    "ulimit": "as= chroot= core= cpu= data= fsize= locks= maxlogins= maxsyslogins= memlock= "
    "msgqueue= nice= nofile= nproc= priority= rss= rtprio= sigpending= stack=",
    "update-failure-action": "continue pause rollback",
    "update-order": "start-first stop-first",
    "userns": "host",
    "uts": "host",
}
#: Command and flag -> the flag's values, where they depend on the command.
_OWN_VALUES = {
    (
        "inspect",
        "type",
    ): "config container image network node plugin secret service task volume",
    ("node update", "availability"): "active drain pause",
    ("node update", "role"): "manager worker",
    ("swarm init", "availability"): "active drain pause",
    ("swarm join", "availability"): "active drain pause",
    ("image build", "network"): "default host none",
    ("network create", "driver"): "bridge ipvlan macvlan overlay",
}
#: Commands besides `inspect` that print no table.
_WITHOUT_TABLES = frozenset({"system events", "system info", "version"})
#: Flag -> the kind of object that it names.
_KINDS = {
    "network": "NETWORK",
    "network-add": "NETWORK",
    "network-rm": "NETWORK",
    "net": "NETWORK",
    "config-add": "CONFIG",
    "config-rm": "CONFIG",
    "config-from": "NETWORK",
    "secret-add": "SECRET",
    "secret-rm": "SECRET",
    "log-driver": "LOG_DRIVER",
    "volume-driver": "VOLUME_DRIVER",
    "volumes-from": "CONTAINER",
    "link": "CONTAINER:",
    "context": "CONTEXT",
    "env": "VARIABLE",
    "env-add": "VARIABLE",
    "ca-cert": "FILE",
    "ca-key": "FILE",
    "build-arg": "VARIABLE",
    "cidfile": "FILE",
    "compose-file": "FILE",
    "env-file": "FILE",
    "file": "FILE",
    "iidfile": "FILE",
    "input": "FILE",
    "label-file": "FILE",
    "metadata-file": "FILE",
    "output": "FILE",
    "tlscacert": "FILE",
    "tlscert": "FILE",
    "tlskey": "FILE",
    "config": "FOLDER",
    "volume": "MOUNTED",
    "cache-from": "IMAGE",
    "image": "IMAGE",
}

#: Command and flag -> the kind of object that it names, where it depends on the command.
_OWN_KINDS = {
    ("volume create", "driver"): "VOLUME_DRIVER",
    ("service create", "config"): "CONFIG",
    ("service create", "secret"): "SECRET",
}

#: Command -> the keys of its filters.
_FILTERS: dict[str, str] = {
    "container ls": "ancestor before exited expose health id is-task isolation label name network "
    "publish since status volume",
    "image ls": "before dangling label reference since until",
    "network ls": "dangling driver id label name scope type",
    "volume ls": "dangling driver label name",
    "system events": "container daemon event image label network node plugin scope secret service "
    "type volume",
    "search": "is-automated is-official stars",
    "node ls": "id label membership name node.label role",
    "service ls": "id label mode name",
    "stack ps": "desired-state id name node",
    "stack services": "id label mode name",
    "service ps": "desired-state id name node",
    "node ps": "desired-state id name node",
    "plugin ls": "capability enabled",
    "config ls": "id label name",
    "secret ls": "id label name",
    "container prune": "label label! until",
    "image prune": "dangling label label! until",
    "network prune": "label label! until",
    "volume prune": "all label label!",
    "system prune": "label label! until",
    "builder prune": "id inuse parent private shared type unused-for until",
}
#: Key of a filter -> its values, or in capitals the kind of object that it names.
_FILTER_VALUES = {
    "ancestor": "IMAGE",
    "before": "OBJECT",
    "container": "CONTAINER",
    "dangling": "false true",
    "event": "attach build checkpoint commit connect copy create delete destroy detach die disable "
    "disconnect enable exec_create exec_detach exec_die exec_start export health_status import "
    "install kill load mount oom pause prune pull push reload remove rename resize restart save "
    "start stop tag top unmount unpause untag update",
    "health": "healthy none starting unhealthy",
    "image": "IMAGE",
    "network": "NETWORK",
    "role": "manager worker",
    "scope": "global local swarm",
    "since": "OBJECT",
    "status": "created dead exited paused removing restarting running",
    "type": "builder config container daemon image network node plugin secret service volume",
    "volume": "VOLUME",
}


def flag_values(command: str, flag: str, typed: str, list_names: ListNames) -> Iterable[str]:
    """Return the values of a flag.

    Args:
        command: the command's full name, `container run`; "" for a global option.
        flag: the flag's long name.
        typed: the value's beginning.
        list_names: lists the engine's names.
    """
    if flag == "filter":
        return _filters(command, typed, list_names)
    if flag == "format" and (command.endswith("inspect") or command in _WITHOUT_TABLES):
        return ["json"]
    values = _OWN_VALUES.get((command, flag))
    kind = _OWN_KINDS.get((command, flag), _KINDS.get(flag))
    if values is None and kind:
        return names_of(kind, typed, list_names)
    return (values or _VALUES.get(flag, "")).split()


def _filters(command: str, typed: str, list_names: ListNames) -> Iterable[str]:
    key, equals, _ = typed.partition("=")
    if not equals:
        return [f"{name}=" for name in _FILTERS.get(command, "").split()]
    values = _FILTER_VALUES.get(key, "")
    names = names_of(values, "", list_names) if values.isupper() else values.split()
    return [f"{key}={name}" for name in names]


def operand_kinds(command: str, usage: Sequence[str], *, forced: bool) -> Sequence[str]:
    """Return the kinds of a command's operands; `...` at the end repeats the one before.

    Args:
        command: the command's full name.
        usage: the placeholders of its usage line.
        forced: whether the line has -f, with which `rm` also removes what runs.
    """
    if command == "container rm":
        return ("CONTAINER" if forced else "STOPPED", "...")
    return _OPERANDS.get(command, usage)


def names_of(kind: str, typed: str, list_names: ListNames) -> Iterable[str]:
    """Return the names of objects of a kind: of the engine, of files, of environment variables."""
    match kind:
        case "FILE" | "FOLDER":
            return _files(typed, only_folders=kind == "FOLDER")
        case "BAKED":
            return _baked(list_names)
        case "COPIED":
            containers = (f"{name}:" for name in names_of("CONTAINER", "", list_names))
            return [*_files(typed), *containers]
        case "MOUNTED":
            is_path = typed.startswith((".", "/", "~"))
            return _files(typed) if is_path else names_of("VOLUME", "", list_names)
        case "CONTAINER:":
            return [f"{name}:" for name in names_of("CONTAINER", "", list_names)]
        case "VARIABLE":
            return sorted(os.environ)
    return [name for command in _LISTED_BY.get(kind, ()) for name in list_names(command)]


def _baked(list_names: ListNames) -> list[str]:
    """Return the targets and groups of the folder's bake files."""
    lines = list_names(("buildx", "bake", "--list", "type=targets,format=json"))
    try:
        return [entry["name"] for entry in json.loads("\n".join(lines)) or []]
    except ValueError:
        return []


def _files(typed: str, *, only_folders: bool = False) -> list[str]:
    """Return the paths that begin with a text; a folder ends with `/`. Hidden ones need a dot."""
    folder, slash, start = typed.rpartition("/")
    prefix = folder + slash
    try:
        entries = sorted(os.scandir(Path(prefix or ".").expanduser()), key=lambda entry: entry.name)
    except OSError:
        return []
    return [
        prefix + entry.name + ("/" if entry.is_dir() else "")
        for entry in entries
        if entry.name.startswith(start)
        and (start or not entry.name.startswith("."))
        and (entry.is_dir() or not only_folders)
    ]
