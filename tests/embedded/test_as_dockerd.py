"""The docker CLI says the same of the embedded engine as of Docker Engine.

`cases.sh` is one script, run in its order against both engines. What an engine makes up (IDs,
times, addresses) is made alike before both outputs are compared whole: stdout, stderr, exit code.
What may differ stands in `EXCUSES`, with its reason. The script leaves out what dockerd does by
chance, as the order of what a prune names, and drivers that there are not: dockerd looks for each
for 15 seconds. It leaves out as well what is only of the age of 20.10, which
- takes `--subnet 10.0.0.1/24` and ranges larger than their subnet;
- refuses `${x-y}`, `--start-interval`, `TARGETPLATFORM` in a step, `until` for images, the flags
  of COPY and RUN that BuildKit brought;
- builds from a local image whatever `--platform` says, and pulls `x:tag` without a warning;
- takes the copy of a link for that of the file it leads to, whatever their names are;
- tells places within its own folder: of archives without a manifest, of copies onto a file.

It leaves out too where the embedded engine is known to differ:
- `--security-opt seccomp=FILE` is taken, and the engine's own filter stays; rules of devices and
  throttled devices are kept in mind only; of log drivers there are json-file, local and none.
- A file that is copied into a running container's /dev or tmpfs is seen there; dockerd writes it
  below the mount. Paths of the engine's own (`lstat .../merged/...`) are in no refusal.
- /sys/fs/cgroup has the controllers that the engine uses, and groups are named docker_magics-ID.
- Where a machine's root lacks a capability, runc starts nothing with all of them (`--privileged`,
  `--cap-add ALL`), nor with `--oom-score-adj` below its own; here they start with what there is.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest
from conftest import IMAGES, unavailable

from tools import debian, engines, images

#: The script runs within the first test that asks for what came of it.
pytestmark = pytest.mark.timeout(1200)
_SCRIPT = Path(__file__).with_name("cases.sh")
_CASE_S = 120
#: How lines begin that one engine says and the other does not, and why that is right.
EXCUSES = {
    "WARNING: This engine enforces no limits": "the embedded engine owns up to what it does not do",
}
#: Leaves nothing of what tests before this one may have left.
_CLEAR = """
docker rm -fv $(docker ps -aq) none
docker volume rm $(docker volume ls -q) none
docker system prune -af
"""


@dataclass(frozen=True)
class Output:
    """What one case came to."""

    stdout: str
    stderr: str
    code: int


def cases() -> dict[str, str]:
    """The script of each case, by its name."""
    found = re.split(r"^### (.*)\n", _SCRIPT.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    return dict(zip(found[::2], found[1::2], strict=True))


def run(script: str, folder: Path, address: str, registry: str) -> Output:
    """Run a case as a terminal would, with a home of its own."""
    environ = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder / "home"),
        "LC_ALL": "C",
        "DOCKER_HOST": address,
        "DOCKER_BUILDKIT": "0",
        "REGISTRY": registry,
    }
    done = subprocess.run(
        ["sh", "-c", script],
        cwd=folder,
        env=environ,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=_CASE_S,
        check=False,
    )
    known = {registry: "REGISTRY", str(folder): "FOLDER", address: "ADDRESS"}
    return Output(alike(done.stdout, known), alike(done.stderr, known), done.returncode)


def run_all(address: str, folder: Path) -> dict[str, Output]:
    """Run every case, with a registry of the script's own."""
    (folder / "home").mkdir(parents=True)
    run(_CLEAR, folder, address, "no registry yet")
    images.provide(address, *IMAGES)
    with engines.registry() as registry:
        return {name: run(script, folder, address, registry) for name, script in cases().items()}


@pytest.fixture(scope="session")
def outputs(
    start: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, dict[str, Output]]:
    """Each engine's outputs; the script runs on both at the same time."""
    if not shutil.which("docker"):
        unavailable("the docker CLI is needed: it is what both engines are asked with")
    if lacking := debian.missing("registry"):
        unavailable(f"a registry is needed: {debian.install_command(lacking)}")
    addresses = {name: start(name) for name in ("docker", "embedded")}
    with ThreadPoolExecutor() as pool:
        running = {
            name: pool.submit(run_all, address, tmp_path_factory.mktemp(name) / "script")
            for name, address in addresses.items()
        }
        return {name: each.result() for name, each in running.items()}


@pytest.mark.parametrize("name", cases())
def test_the_cli_says_the_same(outputs: dict[str, dict[str, Output]], name: str) -> None:
    """As Docker Engine, to the letter."""
    assert outputs["embedded"][name] == outputs["docker"][name]


# --- what engines make up

_TIME = r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?( ?(Z|[+-]\d\d:?\d\d))?( [A-Z]{3,})?"
_UNIT = "(second|minute|hour|day|week|month|year)s?"
_AGO = rf"(Less than a second|About an? {_UNIT}|\d+ {_UNIT})"
#: Replaced by one word each.
_MADE_UP = [
    # What the CLI's own side of a copy says, or not, when the engine has refused it already.
    (re.compile(r'^time=\S+ level=error msg="Can\'t .*\n', re.MULTILINE), ""),
    (re.compile(_TIME), "TIME"),
    (re.compile(_AGO), "DURATION"),
    (re.compile(r"(?<=[:\"])(?:3[2-9]|[45]\d|6[0-5])\d{3}\b"), "PORT"),
    (re.compile(r" {2,}"), "  "),  # columns are as wide as durations are
    (re.compile(r"\b(file|dir|multi):[0-9a-f]+"), r"\1:DIGEST"),  # of a COPY in a history
    (re.compile(r"(digest: \S+ size:) \d+"), r"\1 SIZE"),  # compressed sizes are in a manifest
    # Whether the end of a coloured output comes in one piece or in two.
    (re.compile(r"\x1b\[0m\x1b\[91m"), ""),
]
_POOLS = r"10\.21[34]|172\.(?:1[7-9]|2\d|3[01])|192\.168"
#: Replaced by a word and a number: the same value has the same number throughout an output.
_NUMBERED = [
    ("ID", re.compile(r"\b(?:[0-9a-f]{64}|[0-9a-f]{12}|[0-9a-f]{14}(?=…))(?![0-9a-f])"), 12),
    ("MAC", re.compile(r"\b(?:[0-9a-f]{2}:){5}[0-9a-f]{2}\b"), None),
    ("IP", re.compile(rf"\b(?:{_POOLS})\.\d+\.\d+(?:/\d+)?"), None),
]


def alike(output: bytes, known: dict[str, str]) -> str:
    """An output without what is each engine's own."""
    text = output.decode(errors="backslashreplace")
    lines = text.splitlines(keepends=True)
    text = "".join(line for line in lines if not line.startswith(tuple(EXCUSES)))
    for value, word in known.items():
        text = text.replace(value, word)
    for pattern, word in _MADE_UP:
        text = pattern.sub(word, text)
    for word, pattern, length in _NUMBERED:
        text = pattern.sub(_numbering(word, length), text)
    return text


def _numbering(word: str, length: int | None) -> Callable[[re.Match[str]], str]:
    numbers: dict[str, int] = {}

    def numbered(match: re.Match[str]) -> str:
        return f"{word}{numbers.setdefault(match[0][:length], len(numbers) + 1)}"

    return numbered
