"""The docker CLI prints the same with the embedded engine as with Docker Engine.

Each file in cases/ is a group of cases: sh scripts, each after a line `### NAME`. The cases of a
group run in order, against both engines at the same time; each engine has a private folder,
registry ($REGISTRY) and free port ($PORT). Groups are independent. Generated values (IDs, times,
addresses) are replaced; then stdout, stderr and the exit code are compared in full.

The engine of an ordinary user (with subordinate IDs) runs the groups in which its runtime, its
networks or its volumes matter; with DOCKER_MAGICS_USERS=all, as `make test-users` sets it, all
groups. `USERS_DIFFERENCES` in users_differences.py lists where it differs, and why.

The cases omit what dockerd does nondeterministically (the order of a prune's output) and unknown
drivers, as dockerd searches 15 seconds for each. They also omit behaviour that only Docker 20.10
has, which
- accepts `--subnet 10.0.0.1/24` and ranges larger than their subnet;
- rejects `${x-y}`, `--start-interval`, `TARGETPLATFORM` in a step, `until` for images, and
  BuildKit's flags of COPY and RUN;
- builds from a local image of another platform than `--platform`, and pulls `x:tag` without a
  warning;
- treats the copy of a link as a copy of its target, whatever their names are;
- shows paths in its data folder: for archives without a manifest, for copies onto a file.

They leave out what API 1.48 and 1.50 added or dropped: EnableIPv4, GwPriority, and the fields of an
image's Config that only containers use.

They also omit known differences of the embedded engine:
- It refuses `--security-opt apparmor=PROFILE`, which a dockerd without AppArmor ignores. It stores
  throttled devices without applying them. Its log drivers are json-file, local and none.
- A file copied into a running container's /dev or tmpfs appears there; dockerd writes it below
  the mount. Error messages contain no internal paths (`lstat .../merged/...`).
- /sys/fs/cgroup has the controllers that the engine uses; groups are named docker_magics-ID.
- If this machine's root lacks a capability, runc cannot start containers with all of them
  (`--privileged`, `--cap-add ALL`) or with an `--oom-score-adj` below its own; the embedded engine
  starts them with the available capabilities.
"""

from __future__ import annotations

import functools
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from conftest import IMAGES, unavailable
from embedded.users_differences import USERS_DIFFERENCES

from docker_magics.embedded.runtime import cgroup_bases
from docker_magics.embedded.runtime.cgroup import Cgroups
from tools import daemons, debian, engines, images

#: The first test that needs the outputs of a group runs the whole group.
pytestmark = pytest.mark.timeout(600)
GROUPS = sorted(path.stem for path in Path(__file__).with_name("cases").glob("*.sh"))
_CASE_S = 120
#: An ordinary user of every Debian, and the groups that this user's engine runs.
USER = "www-data"
USERS_GROUPS = (
    GROUPS
    if os.environ.get("DOCKER_MAGICS_USERS") == "all"
    else ["exec", "networks", "run", "security", "volumes"]
)
#: The embedded engine's warning on a machine where it cannot enforce limits.
_NO_LIMITS = "WARNING: This engine enforces no limits"
#: Removes the leftovers of earlier tests.
_CLEAR = """
docker rm -fv $(docker ps -aq) none
docker volume rm $(docker volume ls -q) none
docker system prune -af
"""
#: The last case of each group.
_LEFTOVERS = """
docker image prune -f >/dev/null
docker ps -a
docker images --format '{{.Repository}}:{{.Tag}}' | sort
docker volume ls
docker network ls --format '{{.Name}}' | sort
"""


@dataclass(frozen=True)
class Engine:
    """An engine that is compared.

    Attributes:
        address: as in DOCKER_HOST.
        user: who runs the cases.
    """

    address: str
    user: str = "root"


@dataclass(frozen=True)
class Output:
    """The result of one case."""

    stdout: str
    stderr: str
    code: int


def cases(group: str) -> dict[str, str]:
    """Return the cases of a group: name -> script."""
    text = Path(__file__).with_name("cases").joinpath(f"{group}.sh").read_text(encoding="utf-8")
    parts = re.split(r"^### (.*)\n", text, flags=re.MULTILINE)[1:]
    return {**dict(zip(parts[::2], parts[1::2], strict=True)), "leftovers": _LEFTOVERS}


def run(script: str, folder: Path, engine: Engine, registry: str, port: int) -> Output:
    """Run a case in a shell, with a private home."""
    address = engine.address
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
        completed = subprocess.run(
            [*as_user(engine.user), "sh", "-c", script],
            cwd=folder,
            env=environ,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_CASE_S,
            check=False,
        )
    except subprocess.TimeoutExpired:  # continue with the other cases of the group
        return Output("", f"{address} took longer than {_CASE_S} seconds", -1)
    known = {registry: "REGISTRY", str(folder): "FOLDER", address: "ADDRESS"}
    return Output(
        normalized(completed.stdout, known),
        normalized(completed.stderr, known),
        completed.returncode,
    )


def as_user(name: str) -> list[str]:
    """Return a command that runs another one as a user."""
    return (
        []
        if name == "root"
        else ["setpriv", f"--reuid={name}", f"--regid={name}", "--clear-groups"]
    )


def run_group(group: str, engine: Engine) -> dict[str, Output]:
    """Run all cases of a group, with a private registry and port; return name -> output."""
    with daemons.private_folder("cases") as folder, engines.registry() as registry:
        (folder / "home").mkdir()
        for path in (folder, folder / "home"):
            shutil.chown(path, engine.user)
        port = daemons.free_port()
        run(_CLEAR, folder, engine, registry, port)
        images.provide(engine.address, *IMAGES)
        return {
            name: run(script, folder, engine, registry, port)
            for name, script in cases(group).items()
        }


@pytest.fixture(scope="session")
def engine_of(start: Callable[[str], str]) -> Iterator[Callable[[str], Engine]]:
    """A function that starts an engine by name (docker, embedded, user), once."""
    if not shutil.which("docker"):
        unavailable("the docker CLI is needed: the cases are its commands")
    if missing := debian.missing("registry"):
        unavailable(f"a registry is needed: {debian.install_command(missing)}")
    if missing := debian.missing("images"):
        unavailable(f"subordinate ids are needed: {debian.install_command(missing)}")
    with ExitStack() as stack:

        @functools.cache
        def of_name(name: str) -> Engine:
            if name != "user":
                return Engine(start(name))
            python = stack.enter_context(engines.python_of(USER, subordinate_ids=True))
            return Engine(stack.enter_context(engines.embedded(*python)), USER)

        yield of_name


@pytest.fixture(scope="session")
def outputs(engine_of: Callable[[str], Engine]) -> Callable[[str], dict[str, dict[str, Output]]]:
    """A function that runs a group once, on its engines; returns engine -> case -> output."""

    @functools.cache
    def of_group(group: str) -> dict[str, dict[str, Output]]:
        names = ["docker", "embedded", *(["user"] if group in USERS_GROUPS else [])]
        compared = {name: engine_of(name) for name in names}
        with ThreadPoolExecutor() as pool:
            running = {
                name: pool.submit(run_group, group, engine) for name, engine in compared.items()
            }
            return {name: future.result() for name, future in running.items()}

    return of_group


def in_groups(groups: Iterable[str]) -> pytest.MarkDecorator:
    """Parametrize a test by the cases of groups."""
    return pytest.mark.parametrize(
        ("group", "name"),
        [
            pytest.param(group, name, marks=pytest.mark.xdist_group(f"as-dockerd-{group}"))
            for group in groups
            for name in cases(group)
        ],
    )


@in_groups(GROUPS)
def test_the_cli_prints_the_same(
    outputs: Callable[[str], dict[str, dict[str, Output]]], group: str, name: str
) -> None:
    assert outputs(group)["embedded"][name] == outputs(group)["docker"][name]


@in_groups(USERS_GROUPS)
def test_the_cli_prints_the_same_for_an_ordinary_user(
    outputs: Callable[[str], dict[str, dict[str, Output]]], group: str, name: str
) -> None:
    """Where it differs by nature, it has to differ: the reason is in users_differences.py."""
    users, dockers = outputs(group)["user"][name], outputs(group)["docker"][name]
    if (group, name) in USERS_DIFFERENCES:
        assert users != dockers, "it no longer differs"
    else:
        assert users == dockers


# --- generated values

_TIME = r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?( ?(Z|[+-]\d\d:?\d\d))?( [A-Z]{3,})?"
_UNIT = "(second|minute|hour|day|week|month|year)s?"
_AGO = rf"(Less than a second|About an? {_UNIT}|\d+ {_UNIT})"
#: Patterns of generated values, and their replacements.
_GENERATED = [
    # The CLI's error of sending a copy that the engine has already rejected; depends on timing.
    (re.compile(r'^time=\S+ level=error msg="Can\'t .*\n', re.MULTILINE), ""),
    (re.compile(_TIME), "TIME"),
    (re.compile(_AGO), "DURATION"),
    (re.compile(r"(?<=[:\"])(?:3[2-9]|[45]\d|6[0-5])\d{3}\b"), "PORT"),
    (re.compile(r" {2,}"), "  "),  # the width of columns depends on durations
    (re.compile(r"\b(file|dir|multi):[0-9a-f]+"), r"\1:DIGEST"),  # of a COPY in docker history
    (re.compile(r"(digest: \S+ size:) \d+"), r"\1 SIZE"),  # the manifest contains compressed sizes
    # Coloured output arrives in one piece or in two.
    (re.compile(r"\x1b\[0m\x1b\[91m"), ""),
]
_POOLS = r"10\.21[34]|172\.(?:1[7-9]|2\d|3[01])|192\.168"
#: (word, pattern, significant length): equal values in an output are replaced by the word and
#: the same number.
_NUMBERED = [
    ("ID", re.compile(r"\b(?:[0-9a-f]{64}|[0-9a-f]{12}|[0-9a-f]{14}(?=…))(?![0-9a-f])"), 12),
    ("MAC", re.compile(r"\b(?:[0-9a-f]{2}:){5}[0-9a-f]{2}\b"), None),
    ("IP", re.compile(rf"\b(?:{_POOLS})\.\d+\.\d+(?:/\d+)?"), None),
]


def normalized(output: bytes, known: dict[str, str]) -> str:
    """Return an output with generated values and the values in `known` replaced."""
    text = output.decode(errors="backslashreplace")
    if not _enforces_limits():
        text = re.sub(rf"^{_NO_LIMITS}.*\n", "", text, flags=re.MULTILINE)
    for value, word in known.items():
        text = text.replace(value, word)
    for pattern, word in _GENERATED:
        text = pattern.sub(word, text)
    for word, pattern, length in _NUMBERED:
        text = pattern.sub(_numbered(word, length), text)
    return text


@functools.cache
def _enforces_limits() -> bool:
    """Whether the embedded engine can enforce limits here; if so, its warning is a difference."""
    return Cgroups(cgroup_bases.find()).has("memory")


def _numbered(word: str, length: int | None) -> Callable[[re.Match[str]], str]:
    """Return a replacement function that numbers distinct matches."""
    numbers: dict[str, int] = {}

    def replace(match: re.Match[str]) -> str:
        return f"{word}{numbers.setdefault(match[0][:length], len(numbers) + 1)}"

    return replace
