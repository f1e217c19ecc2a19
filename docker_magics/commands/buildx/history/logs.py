"""docker buildx history logs: print the logs of a build record."""

from __future__ import annotations

import json

from docker_magics.cli.command import Command, flag, operand
from docker_magics.engine.client import Engine
from docker_magics.errors import UsageError
from docker_magics.results.text import Text

from ._records import record_of, records_of

_PROGRESS = ("auto", "plain", "rawjson", "tty")


class BuildxHistoryLogs(Command):
    """Print the logs of a build record"""

    usage = "[OPTIONS] [REF]"

    progress: str = flag(
        "--progress string", "Set type of progress output (plain, rawjson, tty)", default="plain"
    )
    ref: str | None = operand(optional=True)

    def run(self, engine: Engine) -> Text:
        """Return the log of a build, by default of the last one; `^1` is the one before.

        Raises:
            EngineError: the build is unknown.
            UsageError: the engine keeps no history, or has no builds.
        """
        from docker_magics.engine.buildkit import control
        from docker_magics.results.build_log import plain_log
        from docker_magics.results.rawjson import status_of

        if self.progress not in _PROGRESS:
            raise UsageError(f"expected --progress {', '.join(_PROGRESS[1:])}, got {self.progress}")
        with records_of(engine):
            record = record_of(engine, self.ref or "")
            responses = list(control.status(engine, record.ref))
        if self.progress != "rawjson":
            return Text(plain_log(responses))
        lines = (json.dumps(status_of(response), ensure_ascii=False) for response in responses)
        return Text("".join(f"{line}\n" for line in lines))
