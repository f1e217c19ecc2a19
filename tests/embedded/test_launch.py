"""What a container can reach of the engine while its program is started, as root and as a user."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any, NamedTuple

import docker
import psutil
import pytest
from embedded.kinds import python_of

from tools import engines, images

#: root, and users that exist on every Debian, with and without a range of subordinate IDs.
USERS = {"root": False, "www-data": True, "games": False}


class Machine(NamedTuple):
    """An engine, and the interpreter that it was started with.

    Attributes:
        api: the engine's client.
        address: of the engine.
        interpreter: its file.
        base: the folder of Python's standard library and of its shared libraries.
        is_root: whether root started it.
    """

    api: Any
    address: str
    interpreter: Path
    base: Path
    is_root: bool


def own_copy(python: tuple[str, ...], user: str) -> tuple[str, ...]:
    """Return a command with a copy of the interpreter that belongs to the user."""
    original = Path(python[-1])
    copy = original.parent.parent.parent / "mine/bin/python3"
    copy.parent.mkdir(parents=True)
    shutil.copy(original, copy)
    (copy.parent.parent / "pyvenv.cfg").write_text(f"home = {original.parent}\n")
    for path in (copy, copy.parent, copy.parent.parent):
        shutil.chown(path, user, user)
    return (*python[:-1], str(copy))


@pytest.fixture(scope="module", params=USERS)
def machine(request: pytest.FixtureRequest) -> Iterator[Machine]:
    user = request.param
    with ExitStack() as stack:
        base = Path(sys.base_prefix)
        python = stack.enter_context(python_of(user, has_ids=USERS[user])) or (sys.executable,)
        if user != "root":
            python = own_copy(python, user)
            base = Path(python[-1]).parent.parent.parent / "base"
        stack.enter_context(pytest.MonkeyPatch.context()).setenv("TOKEN_OF_NOTEBOOK", "secret")
        address = stack.enter_context(engines.embedded(*python))
        images.provide(address, "busybox")
        api = stack.enter_context(closing(docker.DockerClient(address, timeout=60)))
        yield Machine(api, address, Path(python[-1]).resolve(), base, user == "root")


#: Run by the engine's interpreter, as the file that executes it.
ATTACK = """#!/proc/self/exe
import ctypes, json, os
libc = ctypes.CDLL(None, use_errno=True)
EXE = "/proc/self/exe"
CAPABILITY = bytes.fromhex("0100000280" + "00" * 15)
kept = os.open(EXE, os.O_RDONLY)

def mount(*args):
    if libc.mount(*args):
        raise OSError(ctypes.get_errno(), "mount")

open("/tmp/rw", "w").close()
attempts = {
    "chmod": lambda: os.chmod(EXE, 0o4777),
    "fchmod": lambda: os.fchmod(kept, 0o4777),
    "chown": lambda: os.chown(EXE, os.geteuid(), os.getegid()),
    "utime": lambda: os.utime(EXE, (1, 1)),
    "setxattr": lambda: os.setxattr(EXE, "user.docker", b"x"),
    "capability": lambda: os.setxattr(EXE, "security.capability", CAPABILITY),
    "write": lambda: os.open(EXE, os.O_WRONLY),
    "read and write": lambda: os.open(EXE, os.O_RDWR),
    "write the kept one": lambda: os.open(f"/proc/self/fd/{kept}", os.O_WRONLY),
    "truncate": lambda: os.truncate(EXE, 0),
    "link": lambda: os.link(EXE, "/tmp/link", follow_symlinks=True),
    "remount": lambda: mount(b"none", EXE.encode(), None, 0x1020, None),
    "bind": lambda: mount(EXE.encode(), b"/tmp/rw", None, 0x1000, None),
}
result = {}
for name, attempt in attempts.items():
    try:
        attempt()
        result[name] = "done"
    except OSError as error:
        result[name] = error.strerror
print(json.dumps(result))
"""


def libraries(machine: Machine) -> dict[str, Any]:
    """Return the options of a container that has the host's loader and Python's libraries."""
    folders = [
        path for path in ("/usr", "/lib", "/lib64", str(machine.base)) if Path(path).exists()
    ]
    return {
        "volumes": [f"{path}:{path}:ro" for path in dict.fromkeys(folders)],
        "environment": {
            "PYTHONHOME": str(machine.base),
            "LD_LIBRARY_PATH": f"{machine.base}/lib",
        },
    }


def put_attack(box: Any, content: str = ATTACK) -> None:
    """Write the attack into a container."""
    writes = box.exec_run(["sh", "-c", 'printf %s "$0" > /attack && chmod 755 /attack', content])
    assert writes.exit_code == 0, writes.output


def fingerprint(path: Path) -> tuple[object, ...]:
    """Return what an attack could change of a file."""
    status = path.stat()
    return (
        status.st_mode, status.st_uid, status.st_ctime_ns, status.st_nlink, os.listxattr(path),
        path.read_bytes(),
    )  # fmt: skip


def kill_zygote(machine: Machine) -> None:
    """Kill the process from which shims are forked: the engine executes another one."""
    zygotes = [
        process
        for process in psutil.process_iter(["name", "cmdline"])
        if process.info["name"] == "docker-zygote"
        and machine.address in (process.info["cmdline"] or ())
    ]
    assert zygotes
    for process in zygotes:
        process.kill()


def test_a_replaced_zygote_protects_the_interpreter_too(machine: Machine) -> None:
    before = fingerprint(machine.interpreter)
    kill_zygote(machine)
    box = machine.api.containers.run(
        "busybox", ["sleep", "1000"], detach=True, **libraries(machine)
    )
    put_attack(box)
    results = json.loads(box.exec_run(["/attack"]).output)
    del results["chown"]  # with a single ID, it only appears to succeed
    assert "done" not in results.values(), results
    box.remove(force=True)
    assert fingerprint(machine.interpreter) == before


@pytest.mark.parametrize("options", [{}, {"privileged": True}], ids=["default", "privileged"])
def test_a_container_cannot_change_the_engines_interpreter(
    machine: Machine, options: dict[str, Any]
) -> None:
    before = fingerprint(machine.interpreter)
    box = machine.api.containers.run(
        "busybox", ["sleep", "1000"], detach=True, **libraries(machine), **options
    )
    put_attack(box)
    image = box.commit("attack")
    try:
        executed = box.exec_run(["/attack"], privileged=bool(options))
        started = machine.api.containers.run(
            "attack", ["/attack"], remove=True, **libraries(machine), **options
        )
        for output in (executed.output, started):
            results = json.loads(output)
            del results["chown"]  # with a single ID, it only appears to succeed
            assert "done" not in results.values(), results
            assert results["chmod"] == results["setxattr"] == "Read-only file system"
    finally:
        box.remove(force=True)
        machine.api.images.remove(image.id, force=True)
    assert fingerprint(machine.interpreter) == before


def test_with_an_init_process_a_script_of_itself_is_that_process(machine: Machine) -> None:
    before = fingerprint(machine.interpreter)
    with_script = ["sh", "-c", "printf '#!/proc/self/exe\\n' > /x; chmod 755 /x; exec /x"]
    box = machine.api.containers.run("busybox", with_script, detach=True, init=True)
    box.wait(timeout=20)
    box.remove()
    assert fingerprint(machine.interpreter) == before


#: Prints what PID 1 is.
FIRST = (
    "tr '\\0' ' ' < /proc/1/cmdline; cat /proc/1/comm; readlink /proc/1/exe; ls /proc/1/fd;"
    " grep -E '^(Uid|Cap|NoNew|Seccomp)' /proc/1/status; echo -;"
    " tr '\\0' '\\n' < /proc/1/environ"
)
PRIVILEGES = ["sh", "-c", "grep -E '^(Uid|Cap|NoNew|Seccomp)' /proc/self/status"]


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"user": "1000:1000"},
        {"privileged": True},
        {"cap_drop": ["ALL"], "cap_add": ["SYS_PTRACE"]},
        {"security_opt": ["no-new-privileges"], "user": "1000"},
        {"security_opt": ["seccomp=unconfined"]},
    ],
    ids=["default", "user", "privileged", "capabilities", "no-new-privileges", "unconfined"],
)
def test_an_init_process_has_the_privileges_of_its_program(
    machine: Machine, options: dict[str, Any]
) -> None:
    command = ["sh", "-c", FIRST]
    output = machine.api.containers.run("busybox", command, init=True, remove=True, **options)
    alone = machine.api.containers.run("busybox", PRIVILEGES, remove=True, **options)
    lines, _, environment = output.decode().partition("-\n")
    title, link, *rest = lines.splitlines()
    assert title == f"/sbin/docker-init -- sh -c {FIRST} docker-init"
    assert link == "/memfd:docker-init (deleted)"
    assert rest[:3] == ["0", "1", "2"]
    assert rest[3:] == alone.decode().splitlines()
    assert {line.partition("=")[0] for line in environment.splitlines()} == {
        "PATH", "HOSTNAME", "HOME",
    }  # fmt: skip


def test_an_init_process_and_its_program_are_one_users(machine: Machine) -> None:
    script = "stat -c %u /proc/1; kill -0 1 && echo may signal it"
    output = machine.api.containers.run(
        "busybox", ["sh", "-c", script], init=True, user="1000", remove=True
    )
    assert output == b"1000\nmay signal it\n"


@pytest.mark.parametrize("init", [False, True])
def test_the_null_device_on_standard_input_is_the_containers(
    machine: Machine, *, init: bool
) -> None:
    before = Path(os.devnull).stat()
    script = ["sh", "-c", "chmod 600 /proc/self/fd/0; chown 1000 /proc/self/fd/0; cat; echo end"]
    box = machine.api.containers.run("busybox", ["sleep", "1000"], detach=True, init=init)
    output = machine.api.containers.run("busybox", script, init=init, remove=True)
    assert b"end" in output.splitlines()
    assert b"end" in box.exec_run(script).output.splitlines()
    replaced = ["sh", "-c", "rm -f /dev/null && mkfifo /dev/null || umount /dev/null"]
    box.exec_run(replaced)
    assert box.exec_run(["sh", "-c", "cat; echo end"]).output == b"end\n"
    box.remove(force=True)
    after = Path(os.devnull).stat()
    assert (before.st_mode, before.st_uid) == (after.st_mode, after.st_uid)


def test_no_script_is_run_by_a_descriptor_of_the_engine(machine: Machine) -> None:
    box = machine.api.containers.run("busybox", ["sleep", "1000"], detach=True)
    for number in range(20):
        for tail in ("", "/bin/sh", "/../../../bin/sh", "/../bin/busybox"):
            put_attack(box, f"#!/proc/self/fd/{number}{tail}\n")
            assert box.exec_run(["/attack"]).exit_code, (number, tail)
    box.remove(force=True)


@pytest.mark.parametrize("init", [False, True])
def test_containers_and_execs_have_three_descriptors(machine: Machine, *, init: bool) -> None:
    box = machine.api.containers.run("busybox", ["sleep", "1000"], init=init, detach=True)
    box.reload()
    first = psutil.Process(box.attrs["State"]["Pid"])
    box.exec_run(["sleep", "1000"], detach=True)
    processes = [first, *first.children()]
    for process in processes:
        names = {path.name for path in Path(f"/proc/{process.pid}/fd").iterdir()}
        assert names == {"0", "1", "2"}
    listing = box.exec_run(["ls", "/proc/self/fd"]).output.split()
    assert listing == [b"0", b"1", b"2", b"3"], "3 is the listing itself"
    box.remove(force=True)


@pytest.mark.parametrize("folder", ["/proc/1/root", "/proc/self/fd/3", "/proc/self/exe"])
def test_a_working_folder_is_inside(machine: Machine, folder: str) -> None:
    box = machine.api.containers.run("busybox", ["sleep", "1000"], detach=True)
    box.exec_run(["ln", "-s", folder, "/link"])
    for path in (folder, "/link"):
        result = box.exec_run(["ls", "-a"], workdir=path)
        assert result.exit_code or b"proc" in result.output
        assert b"vmlinuz" not in result.output
    box.remove(force=True)


def test_no_process_in_a_container_shows_the_engines_environment(machine: Machine) -> None:
    """A container with SYS_PTRACE looks at execs before they execute their program."""
    script = (
        "while :; do for f in /proc/[0-9]*/environ; do"
        " grep -q TOKEN_OF_NOTEBOOK $f 2>/dev/null && echo found $f; done; done"
    )
    box = machine.api.containers.run(
        "busybox", ["sh", "-c", script], cap_add=["SYS_PTRACE"], detach=True
    )
    for _ in range(20):
        box.exec_run(["true"])
    assert box.logs() == b""
    box.remove(force=True)
