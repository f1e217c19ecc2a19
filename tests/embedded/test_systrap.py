"""The systrap driver: containers of an ordinary user without namespaces and without ptrace."""

from __future__ import annotations

import contextlib
import os
import socket
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import require_systrap
from embedded.kinds import engine_of, warnings

from docker_magics import docker
from docker_magics.errors import DockerMagicsError


@pytest.fixture(scope="module", autouse=True)
def _engine() -> Iterator[None]:
    """An engine that the tests use."""
    require_systrap()
    with engine_of("systrap", "debian", "busybox"):
        yield


@contextlib.contextmanager
def container(script: str, options: str = "") -> Iterator[str]:
    """Run a container in the background; yield its ID."""
    line = f"run -d {options} debian sh -c {{script}}"
    name = str(docker(line, script=script)).strip()
    try:
        yield name
    finally:
        docker(f"rm -f -v {name}")


def run(script: str, options: str = "") -> str:
    """Run a script in a container; return its output."""
    return str(docker(f"run --rm {options} debian sh -c {{script}}", script=f"({script}) 2>&1"))


def execute(name: str, script: str, options: str = "") -> str:
    """Run a script by docker exec; return its output."""
    return str(docker(f"exec {options} {name} sh -c {{script}}", script=f"({script}) 2>&1"))


def test_info_says_what_is_isolated() -> None:
    assert "Sandbox: systrap" in str(docker("info"))
    assert "WARNING: Little isolation: only files are confined (Landlock)" in warnings()


def test_a_container_has_its_own_files_name_and_user() -> None:
    assert run("id -u; hostname; cd /root; pwd", "--hostname box") == "0\nbox\n/root"
    assert run("id -u; id -g", "--user www-data") == "33\n33"
    assert run("hostname -f; getent hosts box | cut -d' ' -f2-", "--hostname box").split() == [
        "box", "box",
    ]  # fmt: skip


def test_exec_sees_the_same_container() -> None:
    with container("echo started >/tmp/f; sleep 1000", "--hostname box") as name:
        while execute(name, "cat /tmp/f; true") != "started":
            pass
        assert execute(name, "hostname; id -u", "-u www-data") == "box\n33"
        assert "sleep 1000" in str(docker(f"top {name}"))


def test_exec_signals_the_container_s_processes_alone() -> None:
    script = "trap 'echo hung up' HUP; trap 'exit 4' TERM; echo $$; while :; do sleep .1; done"
    with container(script) as name:
        while not (number := str(docker(f"logs {name}"))):
            pass
        assert execute(name, f"kill -HUP {number}; kill -0 {os.getpid()}; kill -0 99999999").split(
            "\n"
        ) == ["sh: 1: kill: Operation not permitted", "", "sh: 1: kill: No such process"]
        while "hung up" not in str(docker(f"logs {name}")):
            pass
        execute(name, "kill 1")
        assert docker(f"wait {name}") == ["4"]


def test_a_container_lists_its_own_processes() -> None:
    script = "for p in /proc/[0-9]*; do read name <$p/comm; echo $name; done"
    assert set(run(script).split()) == {"sh"}
    with container("sleep 1000 & wait") as name:
        while "sleep" not in (shown := execute(name, script).split()):
            pass
        assert set(shown) == {"sh", "sleep"}


def test_a_container_lists_its_own_mounts() -> None:
    first, *others = run("cut -d' ' -f2,4 /proc/mounts", "-v data:/data:ro").splitlines()
    assert first == "/ rw"
    assert {"/proc rw", "/sys rw", "/dev rw", "/dev/shm rw", "/etc/hosts rw"} <= set(others)
    assert "/data ro" in others
    docker("volume rm data")


def test_an_init_process_reaps_orphans() -> None:
    orphan = "(sleep .2 & echo $! >/tmp/pid); while [ -e /proc/$(cat /tmp/pid) ]; do sleep .1; done"
    assert run(f"cat /proc/$PPID/comm; {orphan}", "--init").split() == ["docker-init"]
    with container("exit 5", "--init") as name:
        assert docker(f"wait {name}") == ["5"]


def test_devices_that_are_given() -> None:
    script = "head -c 3 /dev/mine | wc -c"
    with container("sleep 1000", "--device /dev/zero:/dev/mine") as name:
        assert execute(name, script) == "3"
    assert run(script, "--device /dev/zero:/dev/mine") == "3"


def test_stop_logs_and_exit_code() -> None:
    with container("trap 'echo ended; exit 3' TERM; echo ready; sleep 1000 & wait") as name:
        while "ready" not in str(docker(f"logs {name}")):
            pass
        docker(f"stop {name}")
        assert str(docker(f"logs {name}")) == "ready\nended"
        assert docker(f"wait {name}") == ["3"]


def test_process_1_is_the_container_s_first() -> None:
    with container("trap 'exit 3' USR1; while :; do sleep .1; done") as name:
        assert execute(name, "cat /proc/1/comm") == "sh"
        docker(f"kill -s TERM {name}")  # ignored, as it has no handler
        execute(name, "kill -USR1 1")
        assert docker(f"wait {name}") == ["3"]
    with container("trap 'exit 4' USR1; sh -c 'kill -USR1 1'; sleep 9") as name:
        assert docker(f"wait {name}") == ["4"]
    assert run("readlink -f /proc/1/exe /bin/dash; echo to the log >/proc/1/fd/1").split("\n") == [
        "/usr/bin/dash", "/usr/bin/dash", "to the log",
    ]  # fmt: skip


def test_a_process_without_a_handler_is_stopped_by_a_kill() -> None:
    with container("exec sleep 1000") as name:
        docker(f"stop -t 1 {name}")
        assert docker(f"wait {name}") == ["137"]


def test_set_user_id_programs() -> None:
    script = "cp /usr/bin/id /tmp; chmod 4755 /tmp/id; setpriv --reuid 33 /tmp/id -u"
    assert run(script) == "0"
    assert run(script, "--security-opt no-new-privileges") == "33"


def test_files_are_root_s_while_root_is_another_user() -> None:  # as sudo looks at its settings
    assert run("""perl -e '$> = 1; print $>, (stat "/etc/passwd")[4]'""") == "10"


def test_a_file_that_is_no_program() -> None:
    with container("sleep 1000") as name:
        execute(name, "head -c 99 /dev/zero >/none && chmod 755 /none")
        result = docker(f"exec {name} /none")
        assert (result.stderr, result.exit_code) == ("exec /none: exec format error", 255)


def test_what_a_container_leaves_running_ends_with_it() -> None:
    run("setsid sleep 987 & setsid sleep 986 & echo")
    names = [path.read_bytes() for path in Path("/proc").glob("[0-9]*/cmdline") if path.exists()]
    assert not [name for name in names if name in {b"sleep\x00987\0", b"sleep\x00986\0"}]


def test_copies_changes_and_commits(tmp_path: Path) -> None:
    (tmp_path / "in").write_text("from outside")
    script = "mkfifo /tmp/p; touch /tmp/hidden; chmod 000 /tmp/hidden; rm /etc/issue; sleep 1000"
    with container(script) as name:
        docker(f"cp {tmp_path}/in {name}:/root/in")
        assert execute(name, "cat /root/in") == "from outside"
        docker(f"cp {name}:/etc/debian_version {tmp_path}/out")
        assert (tmp_path / "out").read_text().strip() == execute(name, "cat /etc/debian_version")
        while "/tmp/hidden" not in str(docker(f"diff {name}")):
            pass
        lines = {" ".join(line.split()) for line in str(docker(f"diff {name}")).splitlines()}
        assert {"A /root/in", "A /tmp/p", "D /etc/issue"} <= lines
        docker(f"commit {name} changed")
    assert str(docker("run --rm changed ls /tmp")).split() == ["hidden", "p"]
    docker("rmi changed")


def test_volumes_tmpfs_and_read_only_binds() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o777)
        (folder / "f").write_text("of the host\n")
        options = f"-v {folder}:/a -v {folder}:/b:ro -v data:/c --tmpfs /d"
        writes = "echo x >/b/g; echo x >/b/f; echo y >/a/h; echo z >/c/i; echo >/d/j"
        script = f"cat /a/f; {writes}; cd /; ls"
        shown = run(script, options)
        assert shown.startswith("of the host\n")
        assert shown.count("Read-only file system") == 2
        assert {"a", "b", "c", "d"} <= set(shown.split())
        assert sorted(path.name for path in folder.iterdir()) == ["f", "h"]
    assert run("cat /c/i; ls /d", "-v data:/c --tmpfs /d") == "z"
    docker("volume rm data")


def test_a_tmpfs_has_the_mode_of_its_options_or_its_target() -> None:
    options = "--tmpfs /new --tmpfs /root --tmpfs /mine:mode=0700"
    assert run("stat -c %a /dev/shm /new /root /mine", options).split() == [
        "1777", "1777", "700", "700",
    ]  # fmt: skip


def test_what_is_mounted_is_not_replaced() -> None:
    shown = run("rmdir /c; mv /c /d; rm -f /etc/hosts; sed -i s/a/a/ /etc/hosts; ls -d /c", "-v /c")
    assert (shown.count("Device or resource busy"), shown.splitlines()[-1]) == (4, "/c")
    script = "echo a >/c/a; ln /c/a /tmp/a; mv /c/a /tmp/a; cat /tmp/a; ls /c; ln /tmp/a /tmp/b"
    assert run(script, "-v /c").splitlines() == [
        "ln: failed to create hard link '/tmp/a' => '/c/a': Invalid cross-device link", "a",
    ]  # fmt: skip


def test_files_of_the_image_in_a_read_only_folder() -> None:
    folder = "/usr/share/base-files"
    script = (
        f"chmod 555 {folder}; echo x >>{folder}/motd; tail -n 1 {folder}/motd; rm {folder}/motd"
    )
    assert run(f"{script}; echo y >{folder}/new; cat {folder}/new; stat -c %a {folder}") == (
        "x\ny\n555"
    )
    script = f"chmod 666 {folder}/motd; chmod 555 {folder}; setpriv --reuid=33 --clear-groups"
    write = f"sh -c 'echo x >>{folder}/motd; echo y >{folder}/new'"
    assert (
        run(f"{script} {write} 2>/dev/null; tail -n 1 {folder}/motd; ls {folder} | grep new") == "x"
    )


def test_a_read_only_root_and_limits() -> None:
    options = "--read-only --tmpfs /tmp --ulimit nofile=100:100"
    shown = run("touch /x; touch /tmp/x /dev/shm/x; ulimit -n", options)
    assert shown.splitlines()[1:] == ["100"]
    assert "Read-only file system" in shown


def test_a_container_above_its_memory_limit_is_killed() -> None:
    assert "a container above its memory limit is killed" in warnings()
    script = '$used = "a" x 100_000_000; print length $used; sleep 1000'
    docker("run -d --name big --memory 50m debian perl -e {script}", script=script)
    assert docker("wait big") == ["137"]
    assert str(docker("inspect -f {form} big", form="{{.State.OOMKilled}}")) == "true"
    docker("rm big")


@contextlib.contextmanager
def web_server(name: str, options: str) -> Iterator[None]:
    """Run a web server at port 80 in the background."""
    script = f"echo {name} >/www/index.html; exec httpd -f -p 80 -h /www"
    line = f"run -d --name {name} {options} --tmpfs /www busybox sh -c {{script}}"
    docker(line, script=script)
    try:
        yield
    finally:
        docker(f"rm -f {name}")


def fetch(address: str, options: str) -> str:
    """Fetch a page in a container, which tries until the server answers."""
    script = f"for _ in $(seq 50); do wget -qO- {address} 2>&1 && break; usleep 100000; done"
    return str(docker(f"run --rm {options} busybox sh -c {{script}}", script=script))


def test_containers_listen_on_the_same_port_and_reach_each_other() -> None:
    docker("network create shop")
    with web_server("first", "--network shop -p 8080:80"), web_server("second", "--network shop"):
        assert fetch("http://first/", "--network shop") == "first"
        assert fetch("http://second/", "--network shop") == "second"
        assert str(docker("exec first wget -qO- http://localhost/")) == "first"
        assert str(docker("exec first wget -qO- http://second/")) == "second"
        assert page(8080) == b"first\n"
        host = "--add-host host.docker.internal:host-gateway"
        assert fetch("http://host.docker.internal:8080/", host) == "first"
        assert fetch("http://localhost/", "--network container:second") == "second"
    assert "second" not in str(docker("run --rm --network shop busybox cat /etc/hosts"))
    docker("network rm shop")


STATIC = """
services:
  web:
    image: busybox
    command: [sh, -c, "echo of the web >/www/index.html; exec httpd -fv -p 10.97.0.9:80 -h /www"]
    tmpfs: /www
    networks: {back: {ipv4_address: 10.97.0.9}}
networks:
  back: {ipam: {config: [{subnet: 10.97.0.0/24}]}}
"""


def test_names_and_addresses_on_a_network() -> None:
    docker("network create --subnet 10.98.0.0/24 shop")
    with (
        container("sleep 1000", "--network shop") as first,
        container("sleep 1000", "--network shop --name old"),
    ):
        docker("rename old new")
        hosts = execute(first, "cat /etc/hosts")
        assert "\tnew\t" in hosts
        assert "\told\t" not in hosts
    docker("network rm shop")


def test_a_static_address(tmp_path: Path) -> None:
    file = tmp_path / "compose.yaml"
    file.write_text(STATIC)
    docker(f"compose -f {file} -p pod up -d")
    try:
        for name in ("10.97.0.9", "web"):
            assert fetch(f"http://{name}/", "--network pod_back") == "of the web"
        client = "--network pod_back --ip 10.97.0.7"
        fetch("http://10.97.0.9/", client)
        assert "10.97.0.7:" in str(docker(f"compose -f {file} -p pod logs web"))
        with pytest.raises(DockerMagicsError, match="Address already in use"):
            docker("run --network pod_back --ip 10.97.0.9 debian true")
        docker(f"compose -f {file} -p pod restart web")
        assert fetch("http://10.97.0.9/", client) == "of the web"
    finally:
        docker(f"compose -f {file} -p pod down")


def test_no_network_and_an_internal_one() -> None:
    docker("network create --internal inside")
    with web_server("hidden", "--network inside"):
        assert fetch("http://hidden/", "--network inside") == "hidden"
        form = "{{.NetworkSettings.Networks.inside.IPAddress}}"
        address = str(docker("inspect -f {form} hidden", form=form))
        script = f"for at in {address} 192.0.2.1; do wget -qO- http://$at/ 2>&1; done; true"
        shown = str(docker("run --rm --network none busybox sh -c {script}", script=script))
        assert shown.count("Network is unreachable") == 2
        shown = str(docker("run --rm --network inside busybox sh -c {script}", script=script))
        assert shown.startswith("hidden\n")
        assert shown.count("Network is unreachable") == 1
    docker("network rm inside")


UDP_SERVER = """
use IO::Socket::INET;
my $socket = IO::Socket::INET->new(LocalPort => 53, Proto => "udp") or die $!;
print "listens\\n";
while ($socket->recv(my $data, 9)) { $socket->send("pong"); }
"""


def test_published_datagrams() -> None:
    line = "run -d --name udp -p 127.0.0.1:5353:53/udp debian perl -e {script}"
    docker(line, script="$| = 1;" + UDP_SERVER)
    while "listens" not in str(docker("logs udp")):
        pass
    with socket.socket(type=socket.SOCK_DGRAM) as client:
        client.settimeout(20)
        client.connect(("127.0.0.1", 5353))
        client.send(b"ping")
        assert client.recv(9) == b"pong"
    docker("rm -f udp")


#: Both listen on port 80; one fetches its page from the other when that is healthy.
SERVICES = """
services:
  web:
    image: busybox
    command: [sh, -c, "echo of the web >/www/index.html; exec httpd -f -h /www"]
    tmpfs: /www
    ports: ["127.0.0.1:8081:80"]
    healthcheck: {test: wget -qO- http://localhost/, interval: 1s}
  copy:
    image: busybox
    command: [sh, -c, "wget -qO /www/index.html http://web/ && exec httpd -f -h /www"]
    tmpfs: /www
    ports: ["127.0.0.1:8082:80"]
    depends_on: {web: {condition: service_healthy}}
"""


def test_a_compose_file_with_several_services(tmp_path: Path) -> None:
    file = tmp_path / "compose.yaml"
    file.write_text(SERVICES)
    compose = f"compose -f {file} -p pod"
    docker(f"{compose} up -d")
    try:
        for port in (8081, 8082):
            assert page(port) == b"of the web\n"
        assert str(docker(f"{compose} exec copy wget -qO- http://web/")) == "of the web"
    finally:
        docker(f"{compose} down")


def page(port: int) -> bytes:
    """Fetch a page of a published port, where no server may listen yet."""
    for _ in range(100):
        address = f"http://127.0.0.1:{port}/"
        with contextlib.suppress(OSError), urllib.request.urlopen(address) as answer:
            return bytes(answer.read())
        time.sleep(0.1)
    raise AssertionError(port)
