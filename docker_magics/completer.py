"""Tab completion of docker lines in the front end."""

from __future__ import annotations

import importlib
import re
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import IPython

from docker_magics.errors import DockerMagicsError

if TYPE_CHECKING:
    from IPython.core.completer import CompletionContext, SimpleMatcherResult
    from IPython.core.interactiveshell import InteractiveShell

_LINE = re.compile(
    r"\s*(?:\w+\s*=\s*)?(?:(?:%%?(?!docker)\w+\s(?:.*\s)?)?%%?docker|!?(?:sudo\s+)?docker)\s+"
    r"(?![=.,)])(?:[A-Za-z_]\w*\s*<<\s*)?(.*)",
    re.DOTALL,
)
_DOCKERFILE = re.compile(r"\s*%%dockerfile\s+(.*)", re.DOTALL)
_PROMPT = re.compile(r"(?:[$!%]\s*)?(?:sudo\s+)?(?:docker\s+)?")
_MATCHER = "docker_magics"
#: Whether IPython asks matchers that know the whole cell.
_HAS_MATCHERS = IPython.version_info >= (8, 6)
#: Seconds to wait for an engine's names.
_PATIENCE_S = 0.2
#: Seconds for which names that came too late are offered.
_FRESH_S = 5.0

#: Takes a cell, the cursor's line in it, and that line's text up to the cursor.
Complete = Callable[[str, int, str], "Candidates | None"]


class Candidates(NamedTuple):
    """Completions, and the text before the cursor that each of them replaces."""

    typed: str
    texts: list[str]


def install(shell: InteractiveShell) -> None:
    """Add completion of docker lines to a shell; object names come from the session's engine."""
    names = EngineNames()

    def complete(cell: str, line: int, text: str) -> Candidates | None:
        return candidates(cell, line, text, names, shell.user_ns)

    if _HAS_MATCHERS:
        shell.Completer.custom_matchers.append(_matcher(complete))
    else:
        original = shell.Completer._complete  # noqa: SLF001
        vars(shell.Completer)["_complete"] = _before_matchers(original, complete)


def uninstall(shell: InteractiveShell) -> None:
    """Remove the completion."""
    if _HAS_MATCHERS:
        matchers = shell.Completer.custom_matchers
        matchers[:] = [
            one for one in matchers if getattr(one, "matcher_identifier", "") != _MATCHER
        ]
    else:
        vars(shell.Completer).pop("_complete", None)


def _matcher(complete: Complete) -> Any:
    """Return a matcher for IPython 8.6 and later."""
    from IPython.core.completer import SimpleCompletion, context_matcher

    @context_matcher(identifier=_MATCHER)  # type: ignore[untyped-decorator]
    def match(context: CompletionContext) -> SimpleMatcherResult:
        offer = complete(context.full_text, context.cursor_line, context.text_until_cursor)
        if offer is None:
            return {"completions": [], "suppress": False}
        return {
            "completions": [SimpleCompletion(text=text, type="docker") for text in offer.texts],
            "matched_fragment": offer.typed,
            "suppress": True,
        }

    return match


def _before_matchers(original: Callable[..., Any], complete: Complete) -> Callable[..., Any]:
    """Return `IPCompleter._complete` of IPython 7.34 to 8.5, which has no matchers.

    It returns the typed text, the candidates, where each comes from, and jedi's candidates.
    """

    def _complete(
        *,
        cursor_line: int,
        cursor_pos: int,
        line_buffer: str | None = None,
        text: str | None = None,
        full_text: str | None = None,
    ) -> Any:
        cell = full_text or line_buffer or text or ""
        line = cursor_line if full_text else 0
        offer = complete(cell, line, cell.split("\n")[line][:cursor_pos])
        if offer is not None:
            return offer.typed, offer.texts, [_MATCHER] * len(offer.texts), ()
        return original(
            cursor_line=cursor_line,
            cursor_pos=cursor_pos,
            line_buffer=line_buffer,
            text=text,
            full_text=full_text,
        )

    return _complete


def candidates(
    cell: str, line: int, text: str, names: EngineNames, namespace: Mapping[str, Any]
) -> Candidates | None:
    """Return what completes the text at the cursor, or None if it belongs to no docker line.

    Args:
        cell: the whole cell.
        line: the cursor's line in the cell, counted from 0.
        text: the text of that line up to the cursor.
        names: the names of the engine's objects.
        namespace: the notebook's variables.
    """
    if line > 0 and cell.lstrip().startswith("%%dockerfile"):
        return _in_dockerfile("\n".join(cell.split("\n")[:line]), text, names)
    if cell.lstrip().startswith("%%compose"):
        return _in_compose(cell, line, text)
    joined_line = docker_text(cell, line, text)
    return None if joined_line is None else _in_line(joined_line, names, namespace)


def _in_line(text: str, names: EngineNames, namespace: Mapping[str, Any]) -> Candidates:
    from .cli.complete import complete, cursor

    at = cursor(text)
    if at.before[:1] == ["compose"] and not at.is_python:
        return _in_compose_line(at.before[1:], at.typed)
    python_names = [name for name in namespace if not name.startswith("_")]
    return _of(complete(text, names.of, python_names), at.typed)


def _in_dockerfile(above: str, text: str, names: EngineNames) -> Candidates:
    from .cli.complete_dockerfile import complete_dockerfile, dockerfile_fragment

    return _of(complete_dockerfile(above, text, names.of), dockerfile_fragment(text))


def _in_compose(cell: str, line: int, text: str) -> Candidates | None:
    from docker_magics.phrase import LANGUAGES

    from .cli.complete import cursor
    from .compose.complete import complete_key, key_fragment
    from .explain.texts import texts

    first, *body = cell.lstrip().split("\n")
    place = line - (len(cell) - len(cell.lstrip("\n")))
    if place > 0:
        known = texts(LANGUAGES[0]).content["compose_keys"]
        return _of(complete_key("\n".join(body[: place - 1]), text, known), key_fragment(text))
    if text.strip() == first.split()[0] and not text.endswith(" "):
        return None
    at = cursor(text.lstrip().removeprefix("%%compose"))
    return _in_compose_line(at.before, at.typed, "\n".join(body))


def _in_compose_line(before: Sequence[str], typed: str, body: str = "") -> Candidates:
    from .cli.complete_values import names_of
    from .compose.complete import complete_words

    def list_files(beginning: str) -> Iterable[str]:
        return names_of("FILE", beginning, lambda _: [])

    return _of(complete_words(before, typed, list_files, body), typed)


def _of(texts: Iterable[str], typed: str) -> Candidates:
    # IPython falls back to Python names if the list is empty.
    return Candidates(typed, list(texts) or [typed])


def docker_text(cell: str, line: int, text: str) -> str | None:
    """Return the docker command line up to the cursor, or None if the line is not a docker line.

    Args:
        cell: the whole cell.
        line: the cursor's line in the cell, counted from 0.
        text: the text of that line up to the cursor.
    """
    lines = cell.split("\n")
    first = line
    while first > 0 and lines[first - 1].endswith("\\"):
        first -= 1
    text = "\n".join([*lines[first:line], text])
    if first > 0 and lines[0].strip() == "%%docker":
        return _PROMPT.sub("", text.lstrip(), count=1)
    if first == 0 and (match := _DOCKERFILE.match(text)):
        return f"build {match[1]}"
    match = _LINE.match(text)
    return match[1] if match else None


class EngineNames:
    """The names of an engine's objects, for completion.

    Starts no engine, and does not wait long for one: a name that comes later is offered the next
    time.
    """

    def __init__(self) -> None:
        self._requests: dict[tuple[str, ...], _Request] = {}

    def of(self, command: Sequence[str]) -> list[str]:
        """Return what a listing command prints; [] if the engine does not answer."""
        importlib.import_module("docker")  # the first time it takes longer than many an answer
        key = tuple(command)
        request = self._requests.get(key)
        if request is None or request.is_old():
            request = self._requests[key] = _Request(key)
        if not request.done.wait(_PATIENCE_S):
            return []
        del self._requests[key]
        return request.names


class _Request:
    """A listing command that runs in its own thread."""

    def __init__(self, command: tuple[str, ...]) -> None:
        from .session import shared

        self.names: list[str] = []
        self.done = threading.Event()
        self._session = shared()
        self._command = command
        self._ended = 0.0
        threading.Thread(target=self._run, daemon=True, name="docker-magics-complete").start()

    def is_old(self) -> bool:
        """Whether the names arrived so long ago that they may be wrong."""
        return self.done.is_set() and time.monotonic() - self._ended > _FRESH_S

    def _run(self) -> None:
        try:
            if self._session.is_ready(self._command):
                result = self._session.run_args(list(self._command))
                self.names = list(result) if isinstance(result, list) else str(result).split("\n")
        except (DockerMagicsError, OSError):
            self.names = []
        finally:
            self._ended = time.monotonic()
            self.done.set()
