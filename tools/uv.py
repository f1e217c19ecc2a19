"""Run uv, which makes virtual environments and installs packages in seconds."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

_PROGRAM = str(Path(sys.executable).with_name("uv"))


def uv(*arguments: str | Path) -> str:
    """Run uv without anybody's configuration; return its output.

    Raises:
        CalledProcessError: uv failed; it printed why.
    """
    command = [_PROGRAM, "--quiet", "--no-config", *map(str, arguments)]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
