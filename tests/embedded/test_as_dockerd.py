"""The docker CLI prints the same with the embedded engine as with Docker Engine 28.5.

The cases and how their outputs are compared: cli_cases.py. The engine of an ordinary user (with
subordinate IDs) runs the groups in which its runtime, its networks or its volumes matter; with
DOCKER_MAGICS_USERS=all, as `make test-users` sets it, all groups. differences.py lists where the
engines differ, and why.

The cases omit what dockerd does nondeterministically (the order of a prune's output) and unknown
drivers, as dockerd searches 15 seconds for each. They also omit known differences of the embedded
engine:
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
import shutil
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest
from conftest import unavailable
from embedded.cli_cases import GROUPS, Engine, Output, cases, recorded, run_group
from embedded.differences import DIFFERENCES, USERS_DIFFERENCES
from embedded.kinds import private_engine

from tools import debian

#: The first test that needs the outputs of a group runs the whole group.
pytestmark = pytest.mark.timeout(600)
#: The user of the kind `subuid`, and the groups that this user's engine runs.
USER = "www-data"
USERS_GROUPS = (
    GROUPS
    if os.environ.get("DOCKER_MAGICS_USERS") == "all"
    else ["exec", "networks", "run", "security", "volumes"]
)


@pytest.fixture(scope="session")
def engine_of(start: Callable[[str], str]) -> Iterator[Callable[[str], Engine]]:
    """A function that starts an engine by name (embedded, user), once."""
    if not shutil.which("docker"):
        unavailable("the docker CLI is needed: the cases are its commands")
    if missing := debian.missing("registry"):
        unavailable(f"a registry is needed: {debian.install_command(missing)}")
    with ExitStack() as stack:

        @functools.cache
        def of_name(name: str) -> Engine:
            if name == "user":
                return Engine(stack.enter_context(private_engine("subuid")), USER)
            return Engine(start(name))

        yield of_name


@pytest.fixture(scope="session")
def outputs(engine_of: Callable[[str], Engine]) -> Callable[[str], dict[str, dict[str, Output]]]:
    """A function that runs a group once, on its engines; returns engine -> case -> output."""

    @functools.cache
    def of_group(group: str) -> dict[str, dict[str, Output]]:
        names = ["embedded", *(["user"] if group in USERS_GROUPS else [])]
        compared = {name: engine_of(name) for name in names}
        with ThreadPoolExecutor() as pool:
            running = {
                name: pool.submit(run_group, group, engine) for name, engine in compared.items()
            }
            own = {name: future.result() for name, future in running.items()}
            return {"docker": recorded(group), **own}

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
    compare(outputs(group), "embedded", name, differs=(group, name) in DIFFERENCES)


@in_groups(USERS_GROUPS)
def test_the_cli_prints_the_same_for_an_ordinary_user(
    outputs: Callable[[str], dict[str, dict[str, Output]]], group: str, name: str
) -> None:
    differs = (group, name) in DIFFERENCES.keys() | USERS_DIFFERENCES.keys()
    compare(outputs(group), "user", name, differs=differs)


def compare(
    outputs: dict[str, dict[str, Output]], engine: str, name: str, *, differs: bool
) -> None:
    """Where an engine is known to differ, it has to differ: differences.py says why."""
    if differs:
        assert outputs[engine][name] != outputs["docker"][name], "it no longer differs"
    else:
        assert outputs[engine][name] == outputs["docker"][name]
