"""Record what the real docker CLI sends: `python tests/wire/record.py 'create -p 80 busybox' ...`

Prints a case a line, as more.json and further.json have them. The lines run in a copy of files/,
whose path is `{cwd}` in what is printed. The CLI must be 28.2.2 to match the others.
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from fake_engine import FakeEngine, relevant, same

_FILES = Path(__file__).parent / "files"


def record(engine: FakeEngine, line: str) -> dict[str, Any]:
    """Run one line against the fake engine."""
    engine.requests.clear()
    settings = {"DOCKER_HOST": engine.host, "DOCKER_CONFIG": os.devnull, "DOCKER_BUILDKIT": "0"}
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder, "work").resolve()
        shutil.copytree(_FILES, work)
        done = subprocess.run(
            ["docker", *shlex.split(line)],
            check=False,
            cwd=work,
            env={**os.environ, **settings},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=30,
        )
    requests = [same(request.as_json()) for request in relevant(engine.requests)]
    case = {"line": line, "rc": done.returncode, "requests": requests}
    placed: dict[str, Any] = json.loads(json.dumps(case).replace(str(work), "{cwd}"))
    return placed


def main() -> None:
    """Record the lines given, or each line of stdin."""
    with tempfile.TemporaryDirectory() as folder:
        engine = FakeEngine(Path(folder) / "s").start()
        for line in sys.argv[1:] or sys.stdin.read().splitlines():
            print(json.dumps(record(engine, line), ensure_ascii=False))  # noqa: T201
        engine.stop()


if __name__ == "__main__":
    main()
