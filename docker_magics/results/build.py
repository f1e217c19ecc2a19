"""Progress of a build: the common base class, and the classic builder's log.

source: Engine API, ImageBuild.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from docker_magics.errors import ApiError, BuildFailed, EngineError, Interrupted, clean
from docker_magics.phrase import Phrase, cell_line, file_line

from . import human
from .live import Progress
from .text import Text, folded

#: Docker's `Step 2/3 : RUN make`, Podman's `[1/2] STEP 2/3: RUN make`.
_CLASSIC_STEP = re.compile(r"^(?:\[\d+/\d+\] )?(?:Step|STEP) \d+/\d+ ?: (.*)", re.MULTILINE)
_PARSE_ERROR = re.compile(r"parse error (?:on )?line (\d+)")
#: Colour sequences of build logs.
COLOURS = re.compile(r"\x1b\[[0-9;]*m")
#: Lines of a log that are shown: the steps of a short Dockerfile, and those of a session's labels.
_SHOWN_LINES = 24
_CANCELLED = Phrase("Cancelled building {name}", "{name} 빌드를 중단했어요")
_FAILED = Phrase("Failed to build {name}", "{name} 빌드에 실패했어요")
_BUILT = Phrase("Built {name}", "{name} 빌드 완료")
_BUILDING = Phrase("Building {name}", "{name} 빌드 중")
_SENDING = Phrase("Sending build context {size}", "빌드 컨텍스트 보내는 중 {size}")


class Build(Progress):
    """A running build: what both builders have in common.

    Args:
        send: sends the context and yields the engine's messages; called in the reading thread.
        cancel: tells the engine to stop the build.
        line_of: BuildKit's name of a step, or the list of the classic builder's steps so far ->
            the line of the Dockerfile, from 1.
        done: receives the image's ID at the end.
        hint: an error message of the engine -> a hint for the user, or None.
        tags: the image's names.
        in_cell: whether the Dockerfile is a cell's body, below the line of the magic.
        plain: whether to show the full log as text.
        quiet: whether to draw nothing.
    """

    after_interrupt = "finished steps stay in the cache"

    def __init__(
        self,
        send: Callable[[], Iterator[Any]],
        cancel: Callable[[], None],
        line_of: Callable[[Any], int | None],
        done: Callable[[str], None],
        hint: Callable[[str], str | None],
        *,
        tags: Sequence[str] = (),
        in_cell: bool = False,
        plain: bool = False,
        quiet: bool = False,
    ) -> None:
        self._send = send
        self._cancel = cancel
        self._line_of = line_of
        self._done = done
        self._hint = hint
        self._name = ", ".join(tags) or str(Phrase("the image", "이미지"))
        self._in_cell = in_cell
        self._plain = plain
        self.quiet = quiet
        self._interrupted = False
        self._error: str | None = None
        self._image: str | None = None
        self._sent = 0

    def arrivals(self) -> Iterator[Any]:
        """Yield the engine's messages, and how much of the context has been sent."""
        try:
            yield from self._send()
        except ApiError as error:
            # The classic builder rejects a malformed Dockerfile with an HTTP error, BuildKit with
            # an error message in the stream.
            if not _PARSE_ERROR.search(error.explanation):
                raise
            yield {"error": error.explanation}

    def update(self, arrival: Mapping[str, Any]) -> None:
        """Update the state with a message."""
        self._sent = arrival.get("sent", self._sent)
        if "error" in arrival:
            self._error = str(arrival["error"])
        aux = arrival.get("aux")
        if isinstance(aux, dict) and "ID" in aux:
            self._image = aux["ID"]

    def interrupt(self, times: int) -> None:  # noqa: ARG002 - the first ends it
        """Tell the engine to stop building."""
        self._interrupted = True
        self._cancel()

    def close(self) -> None:
        """Cancel the build; idempotent, even after it has ended."""
        self._cancel()

    def result(self) -> Text:
        """Return the image's ID.

        Raises:
            BuildFailed: a step failed; the message has the line of the Dockerfile, if known.
            EngineError: the engine did not report the image's ID.
            Interrupted: the build was cancelled.
        """
        if self._interrupted:
            raise Interrupted(f"The build was cancelled; {self.after_interrupt}.")
        if self._error is not None:
            raise self._failure(self._error)
        if self._image is None:
            self._image = self._image_in_log()
        if self._image is None:
            raise EngineError("the engine did not report the ID of the built image")
        self._done(self._image)
        return Text(self._image)

    def _failure(self, message: str) -> BuildFailed:
        parse_error = _PARSE_ERROR.search(message)
        line = int(parse_error[1]) if parse_error else self._failed_line()
        reason = COLOURS.sub("", message).strip()
        place = f"{self._place(line)}: " if line is not None else ""
        return BuildFailed(f"{place}{reason}", line=line, hint=self._hint(reason))

    def _failed_line(self) -> int | None:
        raise NotImplementedError

    def _image_in_log(self) -> str | None:
        """Return the image's ID, if only the log contains it."""
        return None

    def _place(self, line: int) -> str:
        """Name a line as its author counts: the magic is the first line of a cell."""
        return cell_line(line + 1) if self._in_cell else file_line(line)

    def _headline(self) -> str:
        """Return the state of the build in one line."""
        if self._interrupted:
            state = _CANCELLED
        elif self._error is not None:
            state = _FAILED
        else:
            state = _BUILDING if self._image is None else _BUILT
        return str(state).format(name=self._name)

    def _sending(self) -> str:
        return str(_SENDING).format(size=human.size(self._sent)) if self._sent else ""


class ClassicBuild(Build):
    """The classic builder's log, including its temporary containers."""

    on_stdout = True
    tells_result = True
    # Podman 4.3 finishes the running step.
    after_interrupt = "the engine may still finish the running step"

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._log = ""
        self._piped = 0
        self._code = 1
        self._under_way: dict[str, str] = {}

    def update(self, arrival: Mapping[str, Any]) -> None:
        """Update the state with a message."""
        super().update(arrival)
        self._log += str(arrival.get("stream", ""))
        if "error" in arrival and not self._log.endswith("\n"):
            self._log += "\n" if self._log else ""
        detail = arrival.get("errorDetail")
        if isinstance(detail, dict) and isinstance(code := detail.get("code"), int):
            self._code = code or self._code
        if "status" in arrival:
            identity = str(arrival.get("id", ""))
            progress = f"{arrival['status']} {arrival.get('progress', '')}".strip()
            self._under_way[identity] = progress
        elif arrival.get("stream"):
            self._under_way.clear()

    def piped_lines(self) -> list[str]:
        """Return the log's complete lines since the last call."""
        start, self._piped = self._piped, self._log.rfind("\n") + 1
        return COLOURS.sub("", self._log[start : self._piped]).splitlines()

    def _failure(self, message: str) -> BuildFailed:
        """Return the failure; its exit code is that of the failed command."""
        failure = super()._failure(message)
        failure.exit_code = self._code
        return failure

    def _failed_line(self) -> int | None:
        steps = _CLASSIC_STEP.findall(self._log)
        return self._line_of(steps) if steps else None

    def _image_in_log(self) -> str | None:
        """With -q the log is the ID alone."""
        return self._log.strip() or None if self.quiet else None

    def text(self) -> str:
        """Return the log, with the progress of a pull below it."""
        log = COLOURS.sub("", self._log).rstrip("\n")
        pulls = [f"{identity}: {status}" for identity, status in self._under_way.items()]
        return clean("\n".join(part for part in (self._sending(), log, *pulls) if part))

    def html(self) -> str:
        """Return the log as preformatted HTML, its earlier lines folded."""
        return folded(self.text(), _SHOWN_LINES)
