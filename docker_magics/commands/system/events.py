"""docker events: stream the engine's events."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from docker_magics.cli.command import Command, flag
from docker_magics.cli.flag_types.times import timestamp
from docker_magics.commands import _flags
from docker_magics.engine.client import Engine
from docker_magics.engine.streamed import StreamedResponse
from docker_magics.errors import UsageError
from docker_magics.results.gotemplate import (
    ERROR_PREFIX,
    Struct,
    Template,
    TemplateError,
    TemplateSyntaxError,
    to_json,
)
from docker_magics.results.listing import AS_TEXT
from docker_magics.results.live import Process
from docker_magics.wire.frames import Frame, Stream

if TYPE_CHECKING:
    from docker_magics.results.table import Column


class SystemEvents(Command):
    """Get real time events from the server"""

    usage = "[OPTIONS]"
    aliases = ("events",)

    filter: list[tuple[str, str]] = _flags.filter_of_listing()
    format: str = _flags.format_of_object("--format string")
    since: str = flag("--since string", "Show all events created since timestamp")
    until: str = flag("--until string", "Stream events until this timestamp")

    def run(self, engine: Engine) -> Any:
        """Return the events: a stream of lines, or with --until a table.

        Returns:
            With --until, and no --format, a Table with the columns TIME (UTC timestamp), TYPE,
            ACTION, ACTOR (the object's ID), NAME (str), ATTRIBUTES (dict of str). Otherwise a
            Process that writes a line for each event until it is interrupted.

        source: Engine API, SystemEvents.
        """
        query = {
            "since": _time(self.since),
            "until": _time(self.until),
            "filters": _flags.filters(self.filter),
        }
        # The format is checked before a request is sent.
        template = _template("{{json .}}" if self.format == "json" else self.format)
        events = StreamedResponse(engine.request("GET", "/events", query=query, stream=True))
        if self.until and not self.format and not AS_TEXT.get():
            from docker_magics.results.table import make

            return make(_columns(), list(events.values()))
        return EventStream(events, template if self.format else None)


def _template(form: str) -> Template:
    try:
        template = Template(form)
        template.render(_message({}))
    except TemplateError as error:
        problem = error.message.removeprefix(ERROR_PREFIX)
        raise TemplateSyntaxError(f"Error parsing format: {problem}") from error
    return template


def _message(event: Mapping[str, Any]) -> Struct:
    """Return an event as templates access it, with Go's field names.

    source: moby, api/types/events/events.go: Message.
    """
    return Struct(_FIELDS, event, "*events.Message")


_FIELDS = {
    **{name: (name, "") for name in ("Type", "Action")},
    "Scope": ("scope", ""),
    "Actor": ("Actor", {"ID": "", "Attributes": {}}),
    "Time": ("time", 0),
    "TimeNano": ("timeNano", 0),
}


def _time(text: str) -> str:
    try:
        return timestamp(text) if text else ""
    except ValueError as error:
        raise UsageError(str(error)) from error


class EventStream(Process):
    """A stream of events, one per line, until the engine or the user ends it."""

    def __init__(self, events: StreamedResponse, template: Template | None) -> None:
        self._events = events
        self._template = template

    def arrivals(self) -> Iterator[Frame]:
        """Yield a line for each event."""
        for event in self._events.values():
            text = self._template.render(_message(event)) if self._template else event_line(event)
            yield Frame(Stream.STDOUT, f"{text}\n".encode())

    def interrupt(self, times: int) -> None:  # noqa: ARG002 - the first interrupt ends it
        """End the stream."""
        self.close()

    def close(self) -> None:
        """Close the connection."""
        self._events.close()

    def result(self) -> None:
        """Return None: a stream of events has no exit code."""


def event_line(event: Mapping[str, Any]) -> str:
    """Format an event as the CLI does.

    source: docker/cli, cli/command/system/events.go: prettyPrintEvent.
    """
    nanoseconds = event.get("timeNano") or event.get("time", 0) * 1_000_000_000
    seconds, fraction = divmod(nanoseconds, 1_000_000_000)
    local_time = datetime.fromtimestamp(seconds, UTC).astimezone()
    zone = local_time.strftime("%z")
    zone = "Z" if zone == "+0000" else f"{zone[:3]}:{zone[3:]}"
    actor = event.get("Actor") or {}
    attributes = sorted((actor.get("Attributes") or {}).items())
    inner = ", ".join(f"{key}={value}" for key, value in attributes)
    summary = f"{event['Type']} {event['Action']} {actor.get('ID', '')}"
    return f"{local_time:%Y-%m-%dT%H:%M:%S}.{fraction:09}{zone} {summary}" + (
        f" ({inner})" if inner else ""
    )


def _columns() -> list[Column]:
    from docker_magics.results.table import OBJECT, TIME, Column

    def attributes(event: Mapping[str, Any]) -> dict[str, str]:
        return dict((event.get("Actor") or {}).get("Attributes") or {})

    return [
        Column("TIME", lambda event: event["time"], TIME),
        Column("TYPE", lambda event: event["Type"]),
        Column("ACTION", lambda event: event["Action"]),
        Column("ACTOR", lambda event: (event.get("Actor") or {}).get("ID", "")),
        Column("NAME", lambda event: attributes(event).get("name", "")),
        Column("ATTRIBUTES", attributes, OBJECT, to_json),
    ]
