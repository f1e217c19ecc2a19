"""Containers in a pod share their image's files, and each has what it changes of them alone."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import require_systrap
from embedded.faults import wait_until
from embedded.kinds import engine_of
from unit.systrap import library

from docker_magics import docker
from tools.daemons import private_folder

_PROGRAMS = Path(__file__).parent.parent / "systrap/programs"
_SUM = (
    "(find /usr -type f -exec sha256sum {} + ; find /usr -printf '%m %T@ %p\\n') | sort | sha256sum"
)


@pytest.fixture(scope="module", autouse=True)
def _engine() -> Iterator[None]:
    """An engine that the tests use."""
    require_systrap()
    with engine_of("systrap", "debian"):
        yield


@pytest.fixture
def image_is_unchanged() -> Iterator[None]:
    """Check that no file of the image has changed."""
    before = run(_SUM)
    yield
    assert run(_SUM) == before


def run(script: str, options: str = "") -> str:
    """Run a script in a new container; return its output."""
    return str(docker(f"run --rm {options} debian sh -c {{script}}", script=f"({script}) 2>&1"))


@pytest.mark.usefixtures("image_is_unchanged")
def test_hostile_programs_cannot_write_to_the_image() -> None:
    library.require()
    with private_folder("shared") as folder:
        folder.chmod(0o755)
        source, program, secret = _PROGRAMS / "shared.c", folder / "shared", folder / "secret"
        subprocess.run(["gcc", "-w", "-pthread", "-static", "-o", program, source], check=True)
        secret.write_text("outside\n")
        secret.chmod(0o666)
        command = f"/w/shared /usr/bin/env /tmp {secret}"
        assert run(command, f"-v {program}:/w/shared:ro") == "tried; 0 got out"
        assert secret.read_text() == "outside\n"


_CHANGES = r"""
set -e
ls -i /usr/bin/env /usr/bin/cut >/tmp/before
echo more >>/usr/bin/env; grep -q more /usr/bin/env
: >/usr/bin/tac; test ! -s /usr/bin/tac
truncate -s 3 /usr/bin/head; test $(stat -c %s /usr/bin/head) = 3
chmod 700 /usr/bin/cut; test $(stat -c %a /usr/bin/cut) = 700
touch -d @0 /usr/bin/tail; test $(stat -c %Y /usr/bin/tail) = 0
mv /usr/bin/comm /usr/bin/moved; echo x >>/usr/bin/moved
rm /usr/bin/expr; echo new >/usr/bin/expr
ln /usr/bin/join /usr/bin/join2
mkdir -p /usr/new /data; echo 1 >/usr/new/a; ln /usr/new/a /usr/new/b; echo 2 >>/usr/new/b
test "$(cat /usr/new/a)" = "$(printf '1\n2')"
install -m 444 /dev/null /usr/new/read-only; test $(stat -c %a /usr/new/read-only) = 444
cp -a /usr/share/doc /data/doc
(umask 077; echo x >/usr/new/secret); test $(stat -c %a /usr/new/secret) = 600
mkfifo /data/pipe; (echo through >/data/pipe &); test $(cat /data/pipe) = through
cd /usr/new; exec 3>three; readlink /proc/self/fd/3; echo by >&3; cat three; echo again >/dev/fd/3
perl -e 'open F, "</usr/bin/paste"; chmod 0500, *F; printf "%o\n", (stat "/usr/bin/paste")[2]'
exec 4</usr/bin/nl 5</usr/bin/fold; rm /usr/bin/nl; echo x >>/usr/bin/fold
perl -e 'for (4, 5) { open F, "<&=$_"; chmod(0500, *F) && utime(1, 1, *F) || die $! }'
chmod 700 /proc/self/fd/4; touch -d @0 /proc/self/fd/5; ! echo x 2>/tmp/none >/proc/self/fd/4
touch -h -d @0 /usr/bin/awk
"""


@pytest.mark.usefixtures("image_is_unchanged")
def test_what_a_container_changes_is_its_own() -> None:
    name = str(docker("run -d debian sleep 1000")).strip()
    output = docker(f"exec {name} bash -c {{script}}", script=_CHANGES)
    assert str(output).split() == ["/usr/new/three", "by", "100500"]
    lines = str(docker(f"diff {name}")).splitlines()
    changed = {line.split()[1]: line.split()[0] for line in lines}
    assert changed.pop("/usr/bin/nl") == "D"
    for path in ("env", "tac", "head", "cut", "tail", "expr", "paste", "fold"):
        assert changed.pop(f"/usr/bin/{path}") == "C", path
    assert changed.pop("/usr/bin/comm") == "D"
    for path in ("bin/moved", "bin/join2", "new", "new/a", "new/b", "new/read-only", "new/secret"):
        assert changed.pop(f"/usr/{path}") == "A", path
    assert not [path for path in changed if path.startswith("/usr/bin/")]
    docker(f"commit {name} changed")
    docker(f"rm -f {name}")
    image = "changed sh -c {script}"
    script = "cat /usr/new/b /usr/bin/expr; stat -c %a /usr/bin/cut; tail -c 2 /usr/bin/moved"
    assert str(docker(f"run --rm {image}", script=script)).split() == ["1", "2", "new", "700", "x"]
    docker("rmi changed")


_ATTRIBUTES = r"""
$path = shift; ($name, $value) = ("user.x", "y"); open F, "<$path";
%calls = (
    chmod => sub { chmod 0700, $path }, fchmod => sub { chmod 0700, *F },
    utimes => sub { utime 1, 1, $path }, futimens => sub { utime 1, 1, *F },
    setxattr => sub { syscall(188, $path, $name, $value, 1, 0) == 0 },
    fsetxattr => sub { syscall(190, fileno F, $name, $value, 1, 0) == 0 },
);
for (sort keys %calls) { print "$_ " if $calls{$_}->() || !$!{EROFS} }
"""
_OWN = r"""
$name = "x"; open M, ">&=", syscall(319, $name, 0); pipe P, Q; socket S, 1, 1, 0;
open D, ">/tmp/d"; unlink "/tmp/d"; print map { chmod 0700, $_ } (*M, *P, *S, *D);
"""


@pytest.mark.usefixtures("image_is_unchanged")
def test_what_is_read_only_keeps_its_attributes() -> None:
    script = f"cd /; perl -e '{_ATTRIBUTES}' usr/bin/env; perl -e '{_OWN}'"
    assert run(script, "--read-only --tmpfs /tmp") == "1111"
    script = f"cd /; perl -e '{_ATTRIBUTES}' i/usr/bin/env"
    assert run(script, "--mount type=image,source=debian,target=/i") == ""


_MOVES = r"""
cd /usr/bin; mkdir /var/data; echo own >/usr/own; echo old >/var/data/head
perl -e '
sub move { rename $_[0], $_[1] or die "@_: $!" }
move "head", "/var/data/head"; move "/usr/own", "/var/data/own"; move "awk", "/var/data/awk";
move "/var/data/own", "own";
link "tail", "/var/data/tail" or die $!; link "/var/data/tail", "/var/data/tail" and die;
rename "/usr/share", "/var/data/share" and die; die $! unless $!{EXDEV};
rename "none", "/var/data/none" and die; die $! unless $!{ENOENT};
'
echo more >>/var/data/tail; echo more >>/var/data/head
tail -c 5 /usr/bin/tail; cat own; ls /var/data
test ! -e head && test tail -ef /var/data/tail && readlink /var/data/awk
"""


@pytest.mark.usefixtures("image_is_unchanged")
def test_files_move_between_linked_and_copied_folders() -> None:
    expected = ["more", "own", "awk", "head", "tail", "/etc/alternatives/awk"]
    assert run(_MOVES).split() == expected


_LOCK = 'open F, "</usr/bin/env"; flock F, 2; $| = 1; print "locked\\n"; sleep 1000'
_OPENED_BEFORE = """
open A, "</usr/bin/tac"; open B, "</usr/bin/tac"; print flock(A, 6), " ", flock(B, 6) || 0
"""
_INHERITED = "exec 9</usr/bin/cut; flock -n 9; exec 8</usr/bin/cut; flock -n 8 || echo locked"


@pytest.mark.usefixtures("image_is_unchanged")
def test_locks_are_a_container_s_own() -> None:
    name = str(docker("run -d debian perl -e {script}", script=_LOCK)).strip()
    wait_until(lambda: "locked" in str(docker(f"logs {name}")), 60)
    assert docker(f"exec {name} flock -n /usr/bin/env true").exit_code == 1
    assert run("flock -n /usr/bin/env echo free") == "free"
    docker(f"rm -f {name}")
    assert run(_INHERITED) == "locked"
    assert run(f"perl -e '{_OPENED_BEFORE}'") == "1 0"


_WATCH = """
$path = "/usr/bin/tac"; $fd = syscall(294, 0); syscall(254, $fd, $path, 2); open I, "<&=$fd";
open F, ">>$path"; syswrite F, "x"; alarm 100; print "modified" if sysread I, $event, 100;
"""


@pytest.mark.usefixtures("image_is_unchanged")
def test_a_watch_of_a_file_reports_what_the_container_writes() -> None:
    assert run(f"perl -e '{_WATCH}'") == "modified"


_DAMAGE = r"""
exec 9>> /usr/bin/env; echo mine >&9; ln /usr/bin/find /usr/bin/found
mv /usr/share /usr/shared; mkdir -p /usr/share/mine; ln -s / /usr/lib/mine
mv /usr/bin/head /usr/bin/h; mv /usr/bin/tail /usr/bin/head; mv /usr/bin/h /usr/bin/tail
chmod 777 /usr/sbin /usr/bin/wc; touch -d 2000-01-01 /usr/lib; rm -r /usr/games /etc
(trap '' TERM HUP; while :; do echo mine > /usr/sbin/mine; done) & sleep 0.2
"""


@pytest.mark.usefixtures("image_is_unchanged")
def test_the_next_container_has_the_image_s_files() -> None:
    etc = "find /etc -type f ! -name hostname ! -name hosts -exec sha256sum {} + | sort"
    before = run(etc)
    run(_DAMAGE)
    assert run(etc) == before
    assert run("ls -d /usr/sbin/mine /usr/shared || true").count("No such file") == 2
