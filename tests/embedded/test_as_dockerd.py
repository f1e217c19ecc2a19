"""The docker CLI says the same of the embedded engine as of Docker Engine.

Each file of cases/ is a group of cases: scripts for sh that begin with `### NAME`. A group runs in
its order, against both engines at the same time, each with a folder, a registry ($REGISTRY) and a
free port ($PORT) of its own; no group needs another. What an engine makes up (IDs, times,
addresses) is replaced before both outputs are compared whole: stdout, stderr, exit code.

The cases leave out what dockerd does by chance, as the order of what a prune names, and drivers
that do not exist: dockerd looks for each for 15 seconds. They leave out as well what is only of
the age of 20.10, which
- takes `--subnet 10.0.0.1/24` and ranges larger than their subnet;
- refuses `${x-y}`, `--start-interval`, `TARGETPLATFORM` in a step, `until` for images, the flags
  of COPY and RUN that BuildKit brought;
- builds from a local image whatever `--platform` says, and pulls `x:tag` without a warning;
- takes the copy of a link for that of the file it leads to, whatever their names are;
- tells places within its own folder: of archives without a manifest, of copies onto a file.

They leave out too where the embedded engine is known to differ:
- `--security-opt seccomp=FILE` is taken, and the engine's own filter stays; rules of devices and
  throttled devices are kept in mind only; of log drivers there are json-file, local and none.
- A file that is copied into a running container's /dev or tmpfs is seen there; dockerd writes it
  below the mount. Paths of the engine's own (`lstat .../merged/...`) are in no refusal.
- /sys/fs/cgroup has the controllers that the engine uses, and groups are named docker_magics-ID.
- Where a machine's root lacks a capability, runc starts nothing with all of them (`--privileged`,
  `--cap-add ALL`), nor with `--oom-score-adj` below its own; here they start with what there is.
"""

from __future__ import annotations

import functools
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

from docker_magics.embedded.runtime.cgroup import Cgroups
from tools import daemons, debian, engines, images

#: A group runs within the first test that asks for its outputs.
pytestmark = pytest.mark.timeout(600)
GROUPS = sorted(path.stem for path in Path(__file__).with_name("cases").glob("*.sh"))
_CASE_S = 120
#: The embedded engine's warning on a machine where it cannot enforce limits.
_NO_LIMITS = "WARNING: This engine enforces no limits"
#: Removes what earlier tests may have left.
_CLEAR = """
docker rm -fv $(docker ps -aq) none
docker volume rm $(docker volume ls -q) none
docker system prune -af
"""
#: The last case of each group.
_WHAT_IS_LEFT = """
docker image prune -f >/dev/null
docker ps -a
docker images --format '{{.Repository}}:{{.Tag}}' | sort
docker volume ls
docker network ls --format '{{.Name}}' | sort
"""


@dataclass(frozen=True)
class Output:
    """The result of one case."""

    stdout: str
    stderr: str
    code: int


def cases(group: str) -> dict[str, str]:
    """The script of each case of a group, by its name."""
    text = Path(__file__).with_name("cases").joinpath(f"{group}.sh").read_text(encoding="utf-8")
    parts = re.split(r"^### (.*)\n", text, flags=re.MULTILINE)[1:]
    return {**dict(zip(parts[::2], parts[1::2], strict=True)), "what is left": _WHAT_IS_LEFT}


def run(script: str, folder: Path, address: str, registry: str, port: int) -> Output:
    """Run a case as a terminal would, with a home of its own."""
    environ = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder / "home"),
        "LC_ALL": "C",
        "DOCKER_HOST": address,
        "DOCKER_BUILDKIT": "0",
        "REGISTRY": registry,
        "PORT": str(port),
    }
    try:
        done = subprocess.run(
            ["sh", "-c", script],
            cwd=folder,
            env=environ,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_CASE_S,
            check=False,
        )
    except subprocess.TimeoutExpired:  # the other cases of the group go on
        return Output("", f"{address} took longer than {_CASE_S} seconds", -1)
    known = {registry: "REGISTRY", str(folder): "FOLDER", address: "ADDRESS"}
    return Output(alike(done.stdout, known), alike(done.stderr, known), done.returncode)


def run_group(group: str, address: str, folder: Path) -> dict[str, Output]:
    """Run every case of a group, with a registry and a port of its own."""
    (folder / "home").mkdir(parents=True)
    port = daemons.free_port()
    run(_CLEAR, folder, address, "no registry yet", port)
    images.provide(address, *IMAGES)
    with engines.registry() as registry:
        return {
            name: run(script, folder, address, registry, port)
            for name, script in cases(group).items()
        }


@pytest.fixture(scope="session")
def both(start: Callable[[str], str]) -> dict[str, str]:
    """The addresses of the two engines, by their names."""
    if not shutil.which("docker"):
        unavailable("the docker CLI is needed: it is what both engines are asked with")
    if lacking := debian.missing("registry"):
        unavailable(f"a registry is needed: {debian.install_command(lacking)}")
    return {name: start(name) for name in ("docker", "embedded")}


@pytest.fixture(scope="session")
def outputs(
    both: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], dict[str, dict[str, Output]]]:
    """Runs a group on both engines at the same time, once; returns each engine's outputs."""

    @functools.cache
    def of_group(group: str) -> dict[str, dict[str, Output]]:
        with ThreadPoolExecutor() as pool:
            running = {
                name: pool.submit(
                    run_group, group, address, tmp_path_factory.mktemp(name) / "script"
                )
                for name, address in both.items()
            }
            return {name: future.result() for name, future in running.items()}

    return of_group


@pytest.mark.parametrize(
    ("group", "name"),
    [
        pytest.param(group, name, marks=pytest.mark.xdist_group(f"as-dockerd-{group}"))
        for group in GROUPS
        for name in cases(group)
    ],
)
def test_the_cli_says_the_same(
    outputs: Callable[[str], dict[str, dict[str, Output]]], group: str, name: str
) -> None:
    """As Docker Engine, to the letter."""
    assert outputs(group)["embedded"][name] == outputs(group)["docker"][name]


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
    if not _enforces_limits():
        text = re.sub(rf"^{_NO_LIMITS}.*\n", "", text, flags=re.MULTILINE)
    for value, word in known.items():
        text = text.replace(value, word)
    for pattern, word in _MADE_UP:
        text = pattern.sub(word, text)
    for word, pattern, length in _NUMBERED:
        text = pattern.sub(_numbering(word, length), text)
    return text


@functools.cache
def _enforces_limits() -> bool:
    """Whether this machine has control groups: then the warning has to be a difference."""
    return Cgroups().has("memory")


def _numbering(word: str, length: int | None) -> Callable[[re.Match[str]], str]:
    numbers: dict[str, int] = {}

    def numbered(match: re.Match[str]) -> str:
        return f"{word}{numbers.setdefault(match[0][:length], len(numbers) + 1)}"

    return numbered
