"""Record the requests of the real docker CLI for command lines.

`python tests/wire/record.py FILE.json ...` records the lines of files (more, further, swarm,
stacks, checkpoints, wrong, those with _29) again, in place; `python tests/wire/record.py 'create -p
80 busybox' ...` prints cases to add to a file. The lines run in a copy of files/, with `{cwd}` for
its path; the lines of wrong.json run in an empty folder. If docker_magics intentionally prints
another message than the CLI, the case has the reason in `ours`, and is kept until the messages are
equal. The tests need recordings of docker CLI 29.7.2, and of 28.2.2 in more, further, swarm, stacks
and checkpoints. changed_29.json has what 29.7.2 sends to the same engine for the lines that differ.
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

from fake_engine import STACK_ROUTES, FakeEngine, relevant, same

_FILES = Path(__file__).parent / "files"


def run(engine: FakeEngine, line: str, work: Path) -> subprocess.CompletedProcess[str]:
    """Run one line of the CLI in a folder, with the fake engine."""
    engine.requests.clear()
    settings = {"DOCKER_HOST": engine.host, "DOCKER_CONFIG": f"{work}.none", "DOCKER_BUILDKIT": "0"}
    return subprocess.run(
        ["docker", *shlex.split(line)],
        check=False,
        cwd=work,
        env={**os.environ, **settings},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=30,
    )


def record(engine: FakeEngine, old: dict[str, Any]) -> dict[str, Any]:
    """Record the case of a line again."""
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder, "work").resolve()
        if "message" in old:
            work.mkdir()
        else:
            shutil.copytree(_FILES, work)
        result = run(engine, old["line"], work)
    if "message" in old:
        return message(old, result.returncode, result.stderr.replace(f"{work}/", ""))
    requests = [same(request.as_json()) for request in relevant(engine.requests)]
    case = {"line": old["line"], "rc": result.returncode, "requests": requests}
    placed: dict[str, Any] = json.loads(json.dumps(case).replace(str(work), "{cwd}"))
    return placed


def message(old: dict[str, Any], rc: int, stderr: str) -> dict[str, Any]:
    """Return the case of a wrong line with the CLI's message, unless the case has `ours`."""
    if rc == old["rc"] and old["message"] in stderr:
        return {key: value for key, value in old.items() if key != "ours"}
    if "ours" in old:
        return old
    return {"line": old["line"], "rc": rc, "message": stderr.partition("\n")[0]}


def record_file(engine: FakeEngine, file: Path) -> None:
    """Record the cases of a file again. Each case is one line, for readable diffs."""
    cases = [record(engine, case) for case in json.loads(file.read_text(encoding="utf-8"))]
    text = ",\n".join(json.dumps(case, ensure_ascii=False) for case in cases)
    file.write_text(f"[\n{text}\n]\n", encoding="utf-8")


def main() -> None:
    """Record the given files or lines."""
    with tempfile.TemporaryDirectory() as folder:
        engine = FakeEngine(Path(folder) / "s").start()
        for arg in sys.argv[1:]:
            engine.answers = STACK_ROUTES if arg.endswith("stacks.json") else []
            engine.is_experimental = arg.endswith("checkpoints.json")
            if arg.endswith(".json"):
                record_file(engine, Path(arg))
            else:
                print(json.dumps(record(engine, {"line": arg}), ensure_ascii=False))  # noqa: T201
        engine.stop()


if __name__ == "__main__":
    main()
