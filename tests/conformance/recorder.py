"""Runs the engine and records its responses: `python recorder.py -m docker_magics.embedded ...`.

Each kind of response is a line of JSON in the file `responses` beside the engine's root folder.
"""

from __future__ import annotations

import contextlib
import json
import runpy
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from docker_magics.embedded.api import messages
from docker_magics.embedded.api.router import Router
from docker_magics.embedded.errors import as_api_error

#: Runs the engine under this module, as `engines.embedded` and `running` take it.
COMMAND = (sys.executable, str(Path(__file__)))
#: Responses to older versions have other fields: of info, images and containers.
_OLDEST = (1, 50)
#: How many messages of a stream are recorded.
_MESSAGES = 200


class Recorder:
    """Writes responses to a file.

    Args:
        path: of the file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen: set[str] = set()

    def install(self) -> None:
        """Record what every request is answered from now on."""
        answer = Router.answer

        def recorded(router: Router, request: messages.Request) -> messages.Response:
            try:
                response = answer(router, request)
            except Exception as exception:
                error = as_api_error(exception)
                self._record(request, messages.Json({"message": str(error)}, error.status))
                raise
            self._record(request, response)
            return response

        Router.answer = recorded  # type: ignore[method-assign]

    def _record(self, request: messages.Request, response: messages.Response) -> None:
        status = getattr(response, "status", 101 if "upgrade" in request.headers else 200)
        if request.version < _OLDEST:
            return
        if isinstance(response, messages.Stream) and response.content_type == "application/json":
            response.pieces = self._messages(request, response.pieces)
        elif isinstance(response, messages.Json) and status != 304:
            self._write(request, status, response.value)
        else:
            self._write(request, status, None)

    def _messages(self, request: messages.Request, pieces: Any) -> Iterator[bytes]:
        """Record the messages of a stream, or an array that is sent in pieces."""
        array = b""
        try:
            for number, piece in enumerate(pieces):
                if array or piece.startswith(b"["):
                    array += piece
                elif piece.strip() and number < _MESSAGES:
                    self._write(request, 200, json.loads(piece))
                yield piece
            if array:
                self._write(request, 200, json.loads(array))
        finally:
            if hasattr(pieces, "close"):
                pieces.close()

    def _write(self, request: messages.Request, status: int, body: Any) -> None:
        names = request.path.strip("/").split("/")
        kind = json.dumps([request.method, names[0], names[-1], len(names), status, _shape(body)])
        if kind in self._seen:
            return
        self._seen.add(kind)
        line = {"method": request.method, "path": request.path, "status": status, "body": body}
        with contextlib.suppress(OSError), self._path.open("a") as file:  # a test fills the disk
            file.write(json.dumps(line) + "\n")


def responses(folder: Path) -> Path:
    """Return the file of the responses of an engine whose root is in a folder."""
    return folder / "responses"


def _shape(value: Any) -> Any:
    """Return what a response consists of, without its values."""
    if isinstance(value, dict):
        return {key: _shape(item) for key, item in value.items()}
    if isinstance(value, list):
        return sorted({json.dumps(_shape(item), sort_keys=True) for item in value})
    return type(value).__name__


if __name__ == "__main__":
    root = Path(sys.argv[sys.argv.index("--root") + 1])
    Recorder(responses(root.parent)).install()
    module = sys.argv[2]
    sys.argv = [module, *sys.argv[3:]]
    runpy.run_module(module, run_name="__main__", alter_sys=True)
