"""The filters of container listings: docker ps --filter.

source: Engine API, ContainerList; moby daemon/list.go.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ...wire import go
from ...wire.filters import Filters
from .. import clock
from ..errors import BadParameter, NotFound, as_bad_parameter, prefixed
from ..filtering import has_labels, matches, refuse_unknown
from ..images.store import ImageStore
from ..networks import view
from ..ports import ContainerLookup
from ..records.container import Container

_STATUSES = ("created", "running", "paused", "restarting", "removing", "exited", "dead")
_HEALTH_STATUSES = ("none", "starting", "healthy", "unhealthy")
_ENDED = {"exited", "dead", "created"}

#: Whether a container passes a filter.
Test = Callable[[Container], bool]
#: Makes the test of a filter's values.
_Maker = Callable[[list[str]], Test]


class ListFilters:
    """Makes tests of the filters of a listing.

    Args:
        containers: has those of `before` and `since`.
        images: has those of `ancestor`.
    """

    def __init__(self, containers: ContainerLookup, images: ImageStore) -> None:
        self._containers = containers
        self._images = images

    def tests(self, filters: Filters) -> list[Test]:
        """Return the tests that a container has to pass; of one filter's values any is enough.

        Raises:
            BadParameter: an unknown filter, or an invalid value.
            NotFound: no such container for `before` or `since`.
        """
        makers: dict[str, _Maker] = {
            "ancestor": self._ancestor,
            "before": self._before,
            "since": self._since,
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
        refuse_unknown(filters, {*makers, "isolation"})
        return [
            makers[name](values) for name, values in filters.items() if name in makers and values
        ]

    def _ancestor(self, values: list[str]) -> Test:
        image_ids: set[str] = set()
        for value in values:
            try:
                image = self._images.resolve(value)
            except (NotFound, BadParameter):
                continue
            image_ids |= {image.id, *self._descendants(image.id)}
        return lambda container: container.record["Image"] in image_ids

    def _descendants(self, image_id: str) -> Iterator[str]:
        for image in self._images.all():
            if image.parent == image_id:
                yield image.id
                yield from self._descendants(image.id)

    def _before(self, values: list[str]) -> Test:
        created = self._created(values[0])
        return lambda container: clock.parse(container.record["Created"]) < created

    def _since(self, values: list[str]) -> Test:
        created = self._created(values[0])
        return lambda container: clock.parse(container.record["Created"]) > created

    def _created(self, name: str) -> int:
        return clock.parse(self._containers.get(name).record["Created"])


def _exited(values: list[str]) -> Test:
    codes = set()
    for value in values:
        with prefixed(f"invalid filter 'exited={value}'"), as_bad_parameter():
            codes.add(go.atoi(value))
    return lambda container: (
        container.state["ExitCode"] in codes
        and container.status in _ENDED
        and container.state["StartedAt"] != clock.ZERO
    )


def _has_port(name: str, field: str) -> _Maker:
    """Return the maker of a filter by ports; source: moby daemon/list.go: portOp.

    Args:
        name: expose or publish.
        field: of the API's Port: PrivatePort or PublicPort.
    """

    def make(values: list[str]) -> Test:
        ports = {port for value in values for port in _parse_ports(name, value)}
        return lambda container: any(
            (port.get(field), port["Type"]) in ports for port in view.listed_ports(container)
        )

    return make


def _parse_ports(name: str, value: str) -> Iterator[tuple[int, str]]:
    """Yield the ports of `80`, `80/udp` or `8000-8010/tcp`."""
    numbers, _, protocol = value.partition("/")
    first, _, last = numbers.partition("-")
    try:
        ports = range(go.parse_uint(first, bits=16), go.parse_uint(last or first, bits=16) + 1)
    except ValueError as error:
        raise BadParameter(f"error while looking up for {name} {value}: {error}") from error
    for port in ports:
        yield port, protocol or "tcp"


def _health(values: list[str]) -> Test:
    for value in values:
        if value not in _HEALTH_STATUSES:
            raise BadParameter(
                f"invalid filter 'health={value}': invalid value for health ({value}):"
                f" must be one of {', '.join(_HEALTH_STATUSES)}"
            )
    return lambda container: health_status(container) in values


def health_status(container: Container) -> str:
    """Return starting, healthy or unhealthy; none without a health check."""
    return container.state["Health"]["Status"] if "Health" in container.state else "none"


def _id(values: list[str]) -> Test:
    return lambda container: matches(container.id, values)


def _is_task(values: list[str]) -> Test:
    """Return a test that all containers pass, or none: tasks are of swarms."""
    if any(value not in {"true", "false", "1", "0"} for value in values):
        raise BadParameter(f"invalid filter 'is-task=[{' '.join(values)}]'")
    return lambda _container: "false" in values or "0" in values


def _label(values: list[str]) -> Test:
    return lambda container: has_labels(container.labels(), values)


def _name(values: list[str]) -> Test:
    return lambda container: (
        matches(f"/{container.name}", values) or matches(container.name, values)
    )


def _network(values: list[str]) -> Test:
    """Return a test by networks' names, IDs or IDs' prefixes."""

    def test(container: Container) -> bool:
        settings = container.endpoints()
        network_ids = [str(endpoint.get("NetworkID") or "") for endpoint in settings.values()]
        return any(
            value in settings
            or (value and any(network_id.startswith(value) for network_id in network_ids))
            for value in values
        )

    return test


def _status(values: list[str]) -> Test:
    for value in values:
        if value not in _STATUSES:
            raise BadParameter(
                f"invalid filter 'status={value}': invalid value for state ({value}):"
                f" must be one of {', '.join(_STATUSES)}"
            )
    return lambda container: container.status in values


def _volume(values: list[str]) -> Test:
    """Return a test by volumes' names and by the paths that mounts lead from and to."""

    def test(container: Container) -> bool:
        return any(
            value in {point.get("Name"), point["Destination"], point["Source"]}
            for point in container.record["Mounts"]
            for value in values
        )

    return test
