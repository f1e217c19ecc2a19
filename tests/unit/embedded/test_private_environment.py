"""The environment that the engine is executed with, and the file of the other variables."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

SCRIPT = """
import os, sys
from docker_magics.embedded import descriptors, private_environment
kept = private_environment.inherit()
descriptors.close_all(but=kept)
if not kept:
    command = [sys.executable, "-c", sys.argv[1], sys.argv[1]]
    os.execve(sys.executable, command, private_environment.hide())
def shown():
    print("TOKEN" in os.environ, "TOKEN" in open("/proc/self/environ").read(), flush=True)
shown()
reader, writer = os.pipe()
if os.fork() == 0:
    print("a fork:", os.path.exists(f"/proc/self/fd/{kept[0]}"), flush=True)
    private_environment.restore()
    shown()
    os._exit(0)
os.wait()
private_environment.restore()
private_environment.restore()
shown()
print(ascii(os.environ["TOKEN"]), private_environment.public().get("TOKEN"))
print(os.path.exists(f"/proc/self/fd/{kept[0]}"), [name for name in os.environ if "_FD" in name])
"""


def test_other_variables_are_read_after_the_fork() -> None:
    path = os.pathsep.join(filter(None, sys.path))
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, SCRIPT], capture_output=True, text=True, check=True,
        env=os.environ | {"TOKEN": "s\udcff=\n", "PYTHONPATH": path},
    )  # fmt: skip
    assert done.stdout.splitlines() == [
        "False False", "a fork: False", "False False",
        "True False", "'s\\udcff=\\n' None", "False []",
    ]  # fmt: skip


def test_a_number_from_elsewhere_is_ignored() -> None:
    script = (
        "from docker_magics.embedded import private_environment as private\n"
        "print(private.inherit()); private.restore()"
    )
    for value in ("", "x", "-1"):
        environ = os.environ | {"DOCKER_MAGICS_ENVIRONMENT_FD": value}
        environ["PYTHONPATH"] = str(Path(__file__).parents[3])
        done = subprocess.run(
            [sys.executable, "-c", script], capture_output=True, text=True, check=True, env=environ
        )
        assert done.stdout == "[]\n"
