"""Record what the real docker CLI sends: `python tests/wire/record.py 'create -p 80 busybox' ...`

Prints a case a line, as more.json has them. The CLI must be 28.2.2 to match the others.
"""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from fake_engine import FakeEngine, relevant, same


def record(engine: FakeEngine, line: str) -> dict[str, Any]:
    """Run one line against the fake engine."""
    engine.requests.clear()
    environ = {**os.environ, "DOCKER_HOST": engine.host, "DOCKER_CONFIG": os.devnull}
    done = subprocess.run(
        ["docker", *shlex.split(line)],
        check=False,
        env=environ,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=30,
    )
    requests = [same(request.as_json()) for request in relevant(engine.requests)]
    return {"line": line, "rc": done.returncode, "requests": requests}


def main() -> None:
    """Record the lines given."""
    with tempfile.TemporaryDirectory() as folder:
        engine = FakeEngine(Path(folder) / "s").start()
        for line in sys.argv[1:]:
            print(json.dumps(record(engine, line), ensure_ascii=False))  # noqa: T201
        engine.stop()


if __name__ == "__main__":
    main()
