"""Containers as a listing, and its filters.

source: Engine API, ContainerList; moby daemon/list.go.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from ...wire import go
from .. import clock
from ..errors import BadParameter, NotFound, as_bad_parameter
from ..filtering import has_labels, matches, refuse_unknown
from ..networks import view
from ..networks.links import names_by_target
from . import mounts
from .inspect import sizes

if TYPE_CHECKING:
    from ...wire.filters import Filters
    from ..engine import Engine
    from ..records.container import Container, ContainerRecord

_KNOWN = {
    "ancestor", "before", "exited", "expose", "health", "id", "is-task", "isolation", "label",
    "name", "network", "publish", "since", "status", "volume",
}  # fmt: skip
_STATUSES = ("created", "restarting", "running", "removing", "paused", "exited", "dead")
_HEALTH = ("starting", "healthy", "unhealthy", "none")


def find(engine: Engine, filters: Filters, *, every: bool, limit: int) -> list[Container]:
    """The containers of a listing, the newest first.

    Args:
        engine: whose.
        filters: all have to pass; of one filter's values any.
        every: those that do not run too; a status or exit code asks for them as well.
        limit: how many at most, running or not; 0 for any number.

    Raises:
        BadParameter: a filter that there is not, or a value that makes no sense.
        NotFound: `before` or `since` a container that there is not.
    """
    refuse_unknown(filters, _KNOWN)
    tests = _tests(engine, filters)
    every = every or limit > 0 or bool({"status", "exited", "before", "since"} & filters.keys())
    found = [
        each
        for each in engine.container_store.all()
        if (every or each.running) and all(test(each) for test in tests)
    ]
    return found[:limit] if limit > 0 else found


def _tests(engine: Engine, filters: Filters) -> list[Callable[[Container], bool]]:
    makers = {
        "ancestor": _ancestor,
        "before": _before,
        "since": _since,
        "exited": _exited,
        "expose": _has_port("expose", "PrivatePort"),
        "publish": _has_port("publish", "PublicPort"),
        "health": _health,
        "id": _id,
        "is-task": _is_task,
        "label": _label,
        "name": _name,
        "network": _network,
        "status": _status,
        "volume": _volume,
    }
    return [
        makers[key](engine, values) for key, values in filters.items() if key in makers and values
    ]


Test = Callable[["Container"], bool]


def _ancestor(engine: Engine, values: list[str]) -> Test:
    wanted = set()
    for value in values:
        try:
            image = engine.images.resolve(value)
        except (NotFound, BadParameter):
            continue
        wanted |= {image.id, *_descendants(engine, image.id)}
    return lambda each: each.record["Image"] in wanted


def _descendants(engine: Engine, identity: str) -> list[str]:
    children = [each.id for each in engine.images.all() if each.parent == identity]
    return [*children, *(deep for each in children for deep in _descendants(engine, each))]


def _before(engine: Engine, values: list[str]) -> Test:
    created = _created(engine, values[0])
    return lambda each: bool(clock.parse(each.record["Created"]) < created)


def _since(engine: Engine, values: list[str]) -> Test:
    created = _created(engine, values[0])
    return lambda each: bool(clock.parse(each.record["Created"]) > created)


def _created(engine: Engine, name: str) -> int:
    try:
        return clock.parse(engine.container_store.get(name).record["Created"])
    except NotFound as fault:
        raise NotFound(f"no such container {name}") from fault


def _exited(_engine: Engine, values: list[str]) -> Test:
    with as_bad_parameter():
        codes = {go.atoi(each) for each in values}
    ended = {"exited", "dead", "created"}
    return lambda each: (
        each.state["ExitCode"] in codes
        and each.status in ended
        and each.state["StartedAt"] != clock.ZERO
    )


def _has_port(filter_: str, field: str) -> Callable[[Engine, list[str]], Test]:
    """A filter by ports as a listing shows them; source: moby daemon/list.go: portOp."""

    def make(_engine: Engine, values: list[str]) -> Test:
        wanted = {port for value in values for port in _ports(filter_, value)}
        return lambda each: any(
            (port.get(field), port["Type"]) in wanted for port in view.listed_ports(each)
        )

    return make


def _ports(filter_: str, value: str) -> Iterator[tuple[int, str]]:
    numbers, _, protocol = value.partition("/")
    first, _, last = numbers.partition("-")
    try:
        ports = range(go.parse_uint(first, bits=16), go.parse_uint(last or first, bits=16) + 1)
    except ValueError as error:
        raise BadParameter(f"error while looking up for {filter_} {value}: {error}") from error
    for port in ports:
        yield port, protocol or "tcp"


def _health(_engine: Engine, values: list[str]) -> Test:
    for value in values:
        if value not in _HEALTH:
            raise BadParameter(f"Unrecognised filter value for health: {value}")
    return lambda each: _health_status(each) in values


def _health_status(container: Container) -> str:
    health = container.state.get("Health")
    return health["Status"] if health else "none"


def _id(_engine: Engine, values: list[str]) -> Test:
    return lambda each: matches(each.id, values)


def _is_task(_engine: Engine, values: list[str]) -> Test:
    if any(value not in {"true", "false", "1", "0"} for value in values):
        raise BadParameter(f"Invalid filter 'is-task=[{' '.join(values)}]'")
    return lambda _each: "false" in values or "0" in values


def _label(_engine: Engine, values: list[str]) -> Test:
    return lambda each: has_labels(each.labels(), values)


def _name(_engine: Engine, values: list[str]) -> Test:
    return lambda each: matches(f"/{each.name}", values) or matches(each.name, values)


def _network(_engine: Engine, values: list[str]) -> Test:
    def test(container: Container) -> bool:
        found = container.endpoints()
        identities = {each.get("NetworkID") for each in found.values()}
        return any(
            value in found or any(value and str(i or "").startswith(value) for i in identities)
            for value in values
        )

    return test


def _status(_engine: Engine, values: list[str]) -> Test:
    for value in values:
        if value not in _STATUSES:
            raise BadParameter(f"Invalid filter 'status={value}'")
    return lambda each: each.status in values


def _volume(_engine: Engine, values: list[str]) -> Test:
    def test(container: Container) -> bool:
        return any(
            value in {point.get("Name"), point["Destination"], point["Source"]}
            for point in container.record["Mounts"]
            for value in values
        )

    return test


def summaries(
    containers: list[Container], engine: Engine, *, size: bool = False
) -> list[dict[str, Any]]:
    """The API's ContainerSummary of each."""
    links = names_by_target(engine.container_store)
    meanings: dict[str, str] = {}  # of images' names, each looked up once
    found = []
    for each in containers:
        name = str(each.config["Image"])
        if name not in meanings:
            meanings[name] = _meaning(name, engine)
        identity = str(each.record["Image"])
        # the name it was created with; the image's ID where that means another one by now
        image = name if meanings[name] == identity else identity or name
        names = [f"/{each.name}", *links.get(each.name, []), *links.get(each.id, [])]
        about = {"Names": names, "Image": image}
        found.append(_summary(each) | about | (sizes(each, engine) if size else {}))
    return found


def _meaning(name: str, engine: Engine) -> str:
    """The ID of the image that a name means; empty for none."""
    try:
        return engine.images.resolve(name).id
    except (NotFound, BadParameter):
        return ""


def _summary(container: Container) -> dict[str, Any]:
    record = container.record
    return {
        "Id": container.id,
        "Names": [],
        "Image": "",
        "ImageID": record["Image"],
        "Command": _command(record),
        "Created": clock.parse(record["Created"]) // 1_000_000_000,
        "Ports": view.listed_ports(container),
        "Labels": container.labels(),
        "State": container.status,
        "Status": status_text(container),
        "HostConfig": {"NetworkMode": container.host_config["NetworkMode"]},
        "NetworkSettings": {"Networks": view.endpoint_settings(container)},
        "Mounts": mounts.as_json(record["Mounts"]),
    }


def _command(record: ContainerRecord) -> str:
    words = (f"'{each}'" if " " in each else each for each in record["Args"])
    return " ".join([record["Path"], *words]).strip()


def status_text(container: Container) -> str:
    """`Up 3 minutes (healthy)`, `Exited (0) 2 hours ago`, `Created`.

    source: moby container/state.go: String.
    """
    state = container.state
    now = clock.now_ns()

    def since(text: str) -> str:
        return go.human_duration((now - clock.parse(text)) / 1e9)

    match container.status:
        case "running":
            health = _health_status(container)
            note = "health: starting" if health == "starting" else health
            return f"Up {since(state['StartedAt'])}" + ("" if note == "none" else f" ({note})")
        case "paused":
            return f"Up {since(state['StartedAt'])} (Paused)"
        case "restarting":
            return f"Restarting ({state['ExitCode']}) {since(state['FinishedAt'])} ago"
        case "removing":
            return "Removal In Progress"
        case "created":
            return "Created"
        case "dead":
            return "Dead"
    return f"Exited ({state['ExitCode']}) {since(state['FinishedAt'])} ago"
