"""Record the golden files with the real docker CLI: `python tests/golden/record.py`.

The objects, commands and templates in the files are kept; the CLI's output for them is recorded. To
add a case, add it with an empty result and record. The tests need recordings of docker CLI 29.7.2.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path.append(str(HERE.parent))

from wire.fake_engine import FakeEngine  # noqa: E402 - found by the path above

VERSION = "29.7.2"
#: The API version of its engine; the CLI hides flags that older ones lack.
NEWEST_API = "1.55"


def cli(*args: str) -> dict[str, Any]:
    """Run the CLI; return exit code, stdout and stderr as a case."""
    result = subprocess.run(
        ["docker", *args], check=False, capture_output=True, text=True, timeout=30
    )
    return {"rc": result.returncode, "stdout": result.stdout, "stderr": result.stderr}


def record_help(_: FakeEngine) -> None:
    """Record `docker COMMAND --help` of each command; the pages are 80 columns wide in a pipe."""
    file = HERE / "help.json"
    pages = {name: cli(*name.split(), "--help")["stdout"] for name in json.loads(file.read_text())}
    lines = [f"{json.dumps(name)}: {json.dumps(page)}" for name, page in pages.items()]
    file.write_text("{\n" + ",\n".join(lines) + "\n}\n")


def record_inspect(engine: FakeEngine) -> None:
    """Record `docker inspect --format TEMPLATE` of the file's object."""
    file = HERE / "inspect_templates.json"
    recorded = json.loads(file.read_text())
    engine.answers.append((r"GET /containers/x/json", lambda: recorded["object"]))
    recorded["cases"] = [
        {
            "template": case["template"],
            **cli("inspect", "--type", "container", "-f", case["template"], "x"),
        }
        for case in recorded["cases"]
    ]
    file.write_text(json.dumps(recorded, indent=1, ensure_ascii=False) + "\n")


def record_ps(engine: FakeEngine) -> None:
    """Record `docker ps --format FORMAT` of the file's objects."""
    file = HERE / "ps_formats.json"
    recorded = json.loads(file.read_text())
    engine.answers.append((r"GET /containers/json", lambda: recorded["objects"]))
    recorded["cases"] = [
        {"format": case["format"], **cli("ps", "--format", case["format"])}
        for case in recorded["cases"]
    ]
    file.write_text(json.dumps(recorded, indent=1, ensure_ascii=False) + "\n")


RECORDINGS: tuple[Callable[[FakeEngine], None], ...] = (record_help, record_inspect, record_ps)


def main() -> None:
    """Record all three files."""
    with tempfile.TemporaryDirectory() as folder:
        engine = FakeEngine(Path(folder) / "s", NEWEST_API).start()
        os.environ |= {"DOCKER_HOST": engine.host, "DOCKER_CONFIG": folder}
        version = cli("version", "--format", "{{.Client.Version}}")["stdout"].strip()
        if version != VERSION:
            sys.exit(f"cannot record: expected docker CLI {VERSION}, got {version or 'none'}")
        for record in RECORDINGS:
            record(engine)
        engine.stop()


if __name__ == "__main__":
    main()
