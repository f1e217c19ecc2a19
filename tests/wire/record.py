"""Record what the real docker CLI sends for command lines.

`python tests/wire/record.py FILE.json ...` records the lines of files (cases, more, further,
swarm, wrong) anew, in place; `python tests/wire/record.py 'create -p 80 busybox' ...` prints cases
to add to one. The lines run in a copy of files/, whose path becomes `{cwd}`, those of wrong.json
in an empty folder. A case of wrong.json where docker_magics says something else than the CLI names
the reason in `ours`, and stays as it is until the CLI says the same. The CLI must be 28.2.2 to
match the tests.
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
    """Return the case of a line anew."""
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
    """Return the case of a wrong line: with the CLI's message, unless it is one of ours."""
    if rc == old["rc"] and old["message"] in stderr:
        return {key: value for key, value in old.items() if key != "ours"}
    if "ours" in old:
        return old
    return {"line": old["line"], "rc": rc, "message": stderr.partition("\n")[0]}


def record_file(engine: FakeEngine, file: Path) -> None:
    """Record the lines of a file anew: a case a line, so that a change is a line of a diff."""
    cases = [record(engine, case) for case in json.loads(file.read_text(encoding="utf-8"))]
    text = ",\n".join(json.dumps(case, ensure_ascii=False) for case in cases)
    file.write_text(f"[\n{text}\n]\n", encoding="utf-8")


def main() -> None:
    """Record the files or lines given."""
    with tempfile.TemporaryDirectory() as folder:
        engine = FakeEngine(Path(folder) / "s").start()
        for argument in sys.argv[1:]:
            if argument.endswith(".json"):
                record_file(engine, Path(argument))
            else:
                print(json.dumps(record(engine, {"line": argument}), ensure_ascii=False))  # noqa: T201
        engine.stop()


if __name__ == "__main__":
    main()
