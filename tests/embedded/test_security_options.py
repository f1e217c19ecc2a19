"""--security-opt, and the default seccomp filter, on engines of every kind."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from embedded.kinds import KINDS, engine_of

from docker_magics import docker
from docker_magics.errors import DockerMagicsError

STATUS = "grep -E '^(NoNewPrivs|Seccomp):' /proc/self/status"
NO_MKDIR = {
    "defaultAction": "SCMP_ACT_ALLOW",
    "syscalls": [
        {"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO", "errnoRet": 28},
    ],
}


@pytest.fixture(scope="module", params=KINDS)
def kind(request: pytest.FixtureRequest) -> Iterator[str]:
    """An engine that the tests use."""
    with engine_of(request.param, "busybox"):
        yield request.param


def run(options: str, script: str, **values: Any) -> str:
    """Run a script in a container; return its output."""
    line = f"run --rm {options} busybox sh -c {{script}}"
    return str(docker(line, script=f"{script} 2>&1; true", **values))


def profile(folder: Path, document: object) -> str:
    """Write a profile; return its path."""
    path = folder / "profile.json"
    path.write_text(document if isinstance(document, str) else json.dumps(document))
    return str(path)


def refusal(option: str) -> str:
    """Return the error of a container with this security option."""
    with pytest.raises(DockerMagicsError) as caught:
        docker("run --rm --security-opt {option} busybox true", option=option)
    return str(caught.value)


def filters_of(text: str) -> int:
    """Return the mode of seccomp in /proc/self/status: 2 where a filter is installed."""
    return int(text.split("Seccomp:")[1].split(maxsplit=1)[0])


@pytest.mark.parametrize(
    "script",
    [
        "unshare -U true",
        "unshare -m true",
        "mkdir -p /m; mount -t tmpfs x /m",
        "swapoff /none",
        "dmesg",
        "insmod /etc/passwd",
    ],
)
def test_the_default_denies_what_docker_s_denies(kind: str, script: str) -> None:
    assert kind
    assert re.search("not permitted|permission denied", run("", script))


def test_the_default_allows_what_programs_need(kind: str) -> None:
    assert kind
    script = "mkdir /x && chmod 700 /x && ln -s /x /y && (sleep 0.1 & wait) && echo done"
    assert run("", script) == "done"


def test_filters_are_installed(kind: str) -> None:
    emulated = 2 if kind == "one-id" else 0
    assert filters_of(run("", STATUS)) == 2
    assert filters_of(run("--security-opt seccomp=builtin", STATUS)) == 2
    if kind != "proot":  # proot installs a filter itself
        assert filters_of(run("--security-opt seccomp=unconfined", STATUS)) == emulated
        assert filters_of(run("--privileged", STATUS)) == emulated


def test_capabilities_allow_their_calls(kind: str) -> None:
    if kind == "proot":
        pytest.skip("containers under proot have no capabilities: see docker info")
    assert run("--cap-add SYS_ADMIN", "unshare -m true && echo ok") == "ok"
    assert "not permitted" in run("--cap-drop SYS_CHROOT", "chroot / true")
    if kind != "one-id":  # chroot(2) needs every ID to be mapped there
        assert run("", "chroot / echo ok") == "ok"


def test_an_exec_runs_under_the_container_s_filter(kind: str, tmp_path: Path) -> None:
    assert kind
    path = profile(tmp_path, NO_MKDIR)
    docker("run -d --name boxed --security-opt seccomp={path} busybox sleep 100", path=path)
    try:
        for options in ("", "--privileged", "-u 1000"):
            output = docker(
                "exec " + options + " boxed sh -c {script}", script="mkdir /tmp/x 2>&1; true"
            )
            assert "No space left on device" in output
    finally:
        docker("rm -f boxed")


def test_a_profile_is_applied(kind: str, tmp_path: Path) -> None:
    assert kind
    option = f"seccomp={profile(tmp_path, NO_MKDIR)}"
    assert "No space left" in run("--security-opt {option}", "mkdir /x", option=option)
    assert "No space left" in run("--privileged --security-opt {option}", "mkdir /x", option=option)
    assert run("--security-opt {option}", "touch /x && echo ok", option=option) == "ok"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"defaultAction": "NOPE"}, "runc create failed: string NOPE is not a valid action"),
        ({"syscalls": "x"}, "Decoding seccomp profile failed: json: cannot unmarshal string"),
        ({"architectures": ["X"]}, "string X is not a valid arch for seccomp"),
    ],
)
def test_an_invalid_profile_is_refused(
    kind: str, tmp_path: Path, change: dict[str, Any], message: str
) -> None:
    assert kind
    assert message in refusal(f"seccomp={profile(tmp_path, NO_MKDIR | change)}")


def test_unknown_calls_of_a_profile_are_ignored(kind: str, tmp_path: Path) -> None:
    assert kind
    rules = [{"names": ["no_such_call"], "action": "SCMP_ACT_ERRNO"}]
    option = f"seccomp={profile(tmp_path, NO_MKDIR | {'syscalls': rules})}"
    assert run("--security-opt {option}", "mkdir /x && echo ok", option=option) == "ok"


def test_options_that_are_refused(kind: str) -> None:
    assert kind
    assert "apparmor not supported" in refusal("apparmor=no-such-profile")
    assert 'invalid --security-opt 2: "foo=bar"' in refusal("foo=bar")
    assert 'invalid --security-opt 2: "no-new-privileges=maybe"' in refusal(
        "no-new-privileges=maybe"
    )


@pytest.mark.parametrize("option", ["apparmor=unconfined", "label=disable", "label=type:x"])
def test_options_without_effect_here(kind: str, option: str) -> None:
    assert kind
    assert run(f"--security-opt {option}", "echo ok") == "ok"


def test_no_new_privileges(kind: str) -> None:
    if kind == "proot":
        pytest.skip("proot needs no_new_privs itself, always")
    for option in ("no-new-privileges", "no-new-privileges:true", "no-new-privileges=1"):
        assert "NoNewPrivs:\t1" in run(f"--security-opt {option}", STATUS)
    assert "NoNewPrivs:\t0" in run("--security-opt no-new-privileges=false", STATUS)
    assert "NoNewPrivs:\t0" in run("", STATUS)


def test_system_paths(kind: str) -> None:
    if kind == "proot":
        pytest.skip("proot shows the machine's /proc: see docker info")
    script = "grep -c ' /proc/[a-z]' /proc/mounts"
    assert int(run("", script)) > 3
    assert run("--security-opt systempaths=unconfined", script) == "0"


def test_writable_cgroups(kind: str) -> None:
    if kind != "root":
        pytest.skip("an ordinary user's engine has no control groups here")
    script = "cd /sys/fs/cgroup; [ ! -d pids ] || cd pids; mkdir x && rmdir x && echo ok"
    assert "ok" not in run("", script)
    assert "ok" in run("--security-opt writable-cgroups=true", script)


def test_info_says_what_holds(kind: str) -> None:
    options = docker("info --format {template}", template="{{.SecurityOptions}}")
    assert "name=seccomp,profile=builtin" in str(options)
    assert ("name=rootless" in str(options)) == (kind != "root")
    assert "apparmor" not in str(options)
