"""The docker CLI's configuration: config.json in ~/.docker, or in the folder of DOCKER_CONFIG.

Every command line reads it: hence no pathlib, whose import takes longer than the reading.
"""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

from docker_magics.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

DEFAULT_CONTEXT = "default"


class CliConfig:
    """The configuration that an environment names, by default this process's.

    Attributes:
        folder: the configuration folder.
        file: the path of config.json, which need not exist.
    """

    def __init__(self, env: Mapping[str, str] | None = None) -> None:
        env = os.environ if env is None else env
        self.folder = env.get("DOCKER_CONFIG") or f"{home(env)}/.docker"
        self.file = f"{self.folder}/config.json"

    def read(self) -> dict[str, Any]:
        """Return config.json as a dict, empty if the file does not exist or is broken."""
        config, _ = self._read()
        return config

    def problem(self) -> str | None:
        """Return why config.json cannot be read, or None."""
        return self._read()[1]

    def current_context(self) -> str:
        """Return the name of the current context, `default` if none is set."""
        return str(self.read().get("currentContext") or DEFAULT_CONTEXT)

    def _read(self) -> tuple[dict[str, Any], str | None]:
        try:
            with open(self.file, encoding="utf-8") as file:  # noqa: PTH123 - see above
                config = json.load(file)
        except (FileNotFoundError, NotADirectoryError):
            return {}, None
        except OSError as error:
            return {}, f"{self.file}: {str(error.strerror).lower()}"
        except ValueError as error:
            return {}, f"{self.file} is not valid JSON: {error}"
        if not isinstance(config, dict):
            return {}, f"{self.file} is not a JSON object"
        return config, None

    def write(self, config: dict[str, Any]) -> None:
        """Replace config.json atomically.

        Raises:
            UsageError: the file cannot be written, or is broken: it could hold credentials.
        """
        from pathlib import Path

        if problem := self.problem():
            raise UsageError(f"cannot change the CLI's configuration: {problem}")
        text = json.dumps(config, indent="\t") + "\n"
        try:
            write_private(Path(self.file), text.encode())
        except OSError as error:
            raise UsageError(f"cannot write {self.file}: {str(error.strerror).lower()}") from error


def home(env: Mapping[str, str]) -> str:
    """Return the home folder of an environment (HOME), else the user's."""
    return env.get("HOME") or os.path.expanduser("~")  # noqa: PTH111 - see above


def write_private(path: Path, data: bytes) -> None:
    """Write a file (0600) atomically, by way of a temporary file in the same folder."""
    import tempfile
    from pathlib import Path

    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        Path(temporary).replace(path)
    finally:
        Path(temporary).unlink(missing_ok=True)
