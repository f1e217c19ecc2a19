"""docker session prune: remove the objects of a session."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Sequence

from docker_magics.cli.command import Command, operand
from docker_magics.commands import _prune
from docker_magics.commands._batch import merge_errors
from docker_magics.engine.client import Engine, path
from docker_magics.errors import EngineError, NotFound
from docker_magics.results.text import Text

from ._objects import SessionObject, resolve_session, session_objects

#: The maximum number of names per type in the question.
_LISTED = 8
_TITLES = {
    "container": "Deleted Containers",
    "network": "Deleted Networks",
    "volume": "Deleted Volumes",
    "image": "Deleted Images",
}


class SessionPrune(Command):
    """Remove the objects of a session"""

    usage = "[OPTIONS] [SESSION]"
    long = (
        "Running containers are stopped. Volumes and images in use elsewhere and the build cache\n"
        "are kept. An image that was built outside of the session FROM one of its images inherits\n"
        "the label and is removed; the question lists all objects."
    )

    force: bool = _prune.force()
    session: str | None = operand(optional=True)

    def run(self, engine: Engine) -> Text | None:
        """Return the report of removed objects and freed space, or None if the user declines.

        Raises:
            EngineError: the engine refused to remove some objects; the others are removed.

        source: Engine API, ContainerDelete, NetworkDelete, VolumeDelete, ImageDelete.
        """
        session = resolve_session(engine, self.session)
        objects = session_objects(engine, session)
        if objects and not _prune.confirmed(
            self.terminal, _warning(session, objects), force=self.force
        ):
            return None
        removed: list[SessionObject] = []
        errors: list[EngineError] = []
        for item in objects:
            try:
                _REMOVE[item.kind](engine, item)
            except NotFound:
                pass  # removed with another object, or by another client
            except EngineError as error:
                error.hint = None  # it names flags of another command
                errors.append(error)
                continue
            removed.append(item)
        _remove_parents(engine, removed)
        report = _prune.report(_sections(removed), sum(item.own for item in removed))
        if errors:
            raise merge_errors(errors, report)
        return report


def _sections(removed: Iterable[SessionObject]) -> list[tuple[str, Sequence[str]]]:
    return [
        (
            title,
            [name for item in removed if item.kind == kind for name in item.names or [item.name]],
        )
        for kind, title in _TITLES.items()
    ]


def _warning(session: str, objects: Sequence[SessionObject]) -> str:
    lines = []
    for kind in _TITLES:
        names = [item.name for item in objects if item.kind == kind]
        more = f", and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
        if names:
            count = f"{len(names)} {kind}{'' if len(names) == 1 else 's'}"
            lines.append(f"  - {count}: {', '.join(names[:_LISTED])}{more}")
    return f"This will remove the objects of the session {session}:\n" + "\n".join(lines)


def _remove_container(engine: Engine, item: SessionObject) -> None:
    """Remove a container, running or not, with its anonymous volumes."""
    engine.delete(path("containers", item.identity), {"force": True, "v": True})


def _remove_network(engine: Engine, item: SessionObject) -> None:
    engine.delete(path("networks", item.identity))


def _remove_volume(engine: Engine, item: SessionObject) -> None:
    engine.delete(path("volumes", item.identity))


def _remove_image(engine: Engine, item: SessionObject) -> None:
    """Remove all tags of an image; the image goes with the last one."""
    for name in item.names or [item.identity]:
        engine.delete(path("images", name))


def _remove_parents(engine: Engine, removed: Iterable[SessionObject]) -> None:
    """Remove images that lost their names before the images that were made from them.

    An engine with containerd's store keeps those, without a name.
    """
    for item in removed:
        if item.kind == "image":
            with contextlib.suppress(EngineError):  # it is gone, or in use
                engine.delete(path("images", item.identity))


_REMOVE: dict[str, Callable[[Engine, SessionObject], None]] = {
    "container": _remove_container,
    "network": _remove_network,
    "volume": _remove_volume,
    "image": _remove_image,
}
