"""docker session prune: remove what was made in a session, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from docker_magics.cli.command import Command, operand
from docker_magics.commands import _prune
from docker_magics.commands._batch import merge_errors
from docker_magics.engine.client import Engine, path
from docker_magics.errors import EngineError, NotFound
from docker_magics.results.text import Text

from ._objects import SessionObject, resolve_session, session_objects

#: Names that the question lists of each kind.
_LISTED = 8
_TITLES = {
    "container": "Deleted Containers",
    "network": "Deleted Networks",
    "volume": "Deleted Volumes",
    "image": "Deleted Images",
}


class SessionPrune(Command):
    """Remove what was made in a session"""

    usage = "[OPTIONS] [SESSION]"
    long = (
        "Containers are stopped first. Volumes and images that others use stay, and so does the\n"
        "build cache. An image that was built outside of a session FROM one of its images has its\n"
        "label: the question lists all that goes."
    )

    force: bool = _prune.force()
    session: str | None = operand(optional=True)

    def run(self, engine: Engine) -> Text | None:
        """What was removed, and the room that made.

        Raises:
            EngineError: what the engine would not remove; the rest is removed.

        source: Engine API, ContainerDelete, NetworkDelete, VolumeDelete, ImageDelete.
        """
        session = resolve_session(engine, self.session)
        found = session_objects(engine, session)
        if found and not _prune.confirmed(
            self.terminal, _warning(session, found), force=self.force
        ):
            return None
        gone: list[SessionObject] = []
        failed: list[EngineError] = []
        for each in found:
            try:
                _REMOVE[each.kind](engine, each)
            except NotFound:
                pass  # it went with another one, or meanwhile
            except EngineError as error:
                error.hint = None  # it would speak of another command's flags
                failed.append(error)
                continue
            gone.append(each)
        report = _prune.report(_sections(gone), sum(each.own for each in gone))
        if failed:
            raise merge_errors(failed, report)
        return report


def _sections(gone: Iterable[SessionObject]) -> list[tuple[str, Sequence[str]]]:
    return [
        (title, [name for each in gone if each.kind == kind for name in each.names or [each.name]])
        for kind, title in _TITLES.items()
    ]


def _warning(session: str, found: Sequence[SessionObject]) -> str:
    lines = []
    for kind in _TITLES:
        names = [each.name for each in found if each.kind == kind]
        more = f", and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
        if names:
            word = f"{len(names)} {kind}{'' if len(names) == 1 else 's'}"
            lines.append(f"  - {word}: {', '.join(names[:_LISTED])}{more}")
    return f"This will remove what was made in the session {session}:\n" + "\n".join(lines)


def _remove_container(engine: Engine, each: SessionObject) -> None:
    """Whatever it does, with its volumes that have no name."""
    engine.delete(path("containers", each.identity), {"force": True, "v": True})


def _remove_network(engine: Engine, each: SessionObject) -> None:
    engine.delete(path("networks", each.identity))


def _remove_volume(engine: Engine, each: SessionObject) -> None:
    engine.delete(path("volumes", each.identity))


def _remove_image(engine: Engine, each: SessionObject) -> None:
    """By each of its names, the last of which takes the image with it."""
    for name in each.names or [each.identity]:
        engine.delete(path("images", name))


_REMOVE: dict[str, Callable[[Engine, SessionObject], None]] = {
    "container": _remove_container,
    "network": _remove_network,
    "volume": _remove_volume,
    "image": _remove_image,
}
