"""Programs of many kinds run under systrap as they do in a root of their own."""

from __future__ import annotations

import os

import pytest
from systrap.conftest import UID, Box

SCRIPTS = {
    "threads of Python": """
import os, threading
def work():
    for _ in range(300): open('/etc/passwd').close(); os.stat('/usr/bin'); os.listdir('/etc')
threads = [threading.Thread(target=work) for _ in range(8)]
[t.start() for t in threads]; [t.join() for t in threads]
""",
    "processes of Python": """
import multiprocessing, subprocess
for kind in ('fork', 'spawn', 'forkserver'):
    with multiprocessing.get_context(kind).Pool(2) as pool: assert pool.map(abs, [-1, 2]) == [1, 2]
for _ in range(100): subprocess.run(['/bin/true'], check=True)
subprocess.run(['/bin/true', *['x' * 100] * 5000], check=True)
""",
    "unix sockets": """
import os, socket, struct
a, b = (socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) for _ in range(2))
name = '/tmp/' + 'n' * 60
os.path.exists(name) and os.unlink(name)
a.bind(name); b.sendto(b'x', name); assert a.recv(9) == b'x'
assert a.getsockname() == name, a.getsockname()
os.path.exists('/dev/shm/s') and os.unlink('/dev/shm/s')
c, d = (socket.socket(socket.AF_UNIX) for _ in range(2))
c.bind('/dev/shm/s'); c.listen(); assert c.getsockname() == '/dev/shm/s', c.getsockname()
d.connect('/dev/shm/s'); assert d.getpeername() == '/dev/shm/s', d.getpeername()
ids = struct.unpack('3i', c.accept()[0].getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
assert ids == (os.getpid(), 0, 0), ids
""",
    "another root": """
import os
os.makedirs('/tmp/other/etc', exist_ok=True); os.chroot('/tmp/other'); os.chdir('/')
assert os.listdir('/') == ['etc'], os.listdir('/')
assert not os.path.exists('/w')
""",
    "the same root": """
import os
os.chroot('/')
assert os.path.exists('/usr/bin/python3') and os.path.exists('/proc/self')
""",
    "setsid and signals": """
import os, signal
signal.signal(signal.SIGSYS, signal.SIG_IGN); os.listdir('/')
signal.pthread_sigmask(signal.SIG_SETMASK, range(1, 65)); os.listdir('/')
assert signal.SIGSYS not in signal.pthread_sigmask(signal.SIG_BLOCK, [])
if os.fork() == 0:
    signal.signal(signal.SIGALRM, lambda *_: os.stat('/etc/passwd'))
    signal.setitimer(signal.ITIMER_REAL, .01); signal.sigwait([signal.SIGALRM]); os._exit(0)
assert os.wait()[1] == 0
""",
    "a seccomp filter of its own": """
import ctypes, struct
libc = ctypes.CDLL(None)
code = b''.join(struct.pack('HBBI', *x) for x in [(32, 0, 0, 0), (21, 0, 1, 257),
    (6, 0, 0, 0x80000000), (6, 0, 0, 0x7fff0000)])
program = ctypes.create_string_buffer(code)
assert libc.prctl(38, 1, 0, 0, 0) == 0
libc.prctl(22, 2, struct.pack('HxxxxxxP', 4, ctypes.addressof(program)), 0, 0)
open('/etc/passwd').close()
""",
    "no audit": """
import errno, os, socket
try: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 9); raise AssertionError
except OSError as error: assert error.errno == errno.EPROTONOSUPPORT, error
socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
assert not os.path.exists('/proc/self/loginuid')
""",
    "bad addresses": """
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
assert libc.syscall(2, 0, 0) == -1 and ctypes.get_errno() == 14
""",
}
SHELL = {
    "identity": "[ $(id -u) = 0 ]; touch /tmp/own; chown 33:33 /tmp/own; chown -h root /tmp/own;"
    " [ $(stat -c %u /tmp) = 0 ]; python3 -c 'import os;"
    ' assert os.fstat(os.open("/tmp", 0)).st_uid == 0\'',
    "drop privileges": "[ \"$(setpriv --reuid=33 --regid=33 --clear-groups sh -c 'id -u; id -g'"
    ' | xargs)" = "33 33" ]',
    "no way back": "! setpriv --reuid=33 --regid=33 --clear-groups python3 -c"
    " 'import os; os.setuid(0)' 2>/dev/null; ! setpriv --reuid=33 --regid=33 --clear-groups python3"
    " -c 'import os; os.setegid(0)' 2>/dev/null",
    "root writes what its mode forbids": "rm -f /tmp/ro; echo a >/tmp/ro; chmod 0444 /tmp/ro;"
    " [ -w /tmp/ro ]; echo b >>/tmp/ro; [ $(wc -l </tmp/ro) = 2 ]; [ $(stat -c %a /tmp/ro) = 444 ]",
    "root changes what a folder's mode forbids": "rm -rf /tmp/f;"
    " mkdir -p /tmp/f/d; echo a >/tmp/f/a;"
    " chmod 555 /tmp/f; echo b >/tmp/f/b; mkdir /tmp/f/e; mv /tmp/f/a /tmp/f/d;"
    " ln /tmp/f/b /tmp/f/c; ln -s b /tmp/f/l; mkfifo /tmp/f/p; sed -i s/b/x/ /tmp/f/b;"
    " rm /tmp/f/p /tmp/f/l; [ \"$(cd /tmp/f; echo *)\" = 'b c d e' ];"
    " [ $(stat -c %a /tmp/f) = 555 ]; rm -r /tmp/f",
    "root searches what a folder's mode forbids": "rm -rf /tmp/z;"
    " mkdir -p /tmp/z/z; echo a >/tmp/z/z/f;"
    " chmod 000 /tmp/z/z/f /tmp/z/z /tmp/z; [ $(cat /tmp/z/z/f) = a ]; echo b >/tmp/z/z/n;"
    " [ $(stat -c %a /tmp/z /tmp/z/z /tmp/z/z/f | xargs | tr -d ' ') = 000 ]; rm -r /tmp/z",
    "mounts stay": "rmdir /dev/shm 2>&1 | grep -q busy; mv /dev/shm /tmp/shm 2>&1 | grep -q busy",
    "capabilities of programs": "cp /bin/true /tmp/capable; python3 -c 'import os;"
    ' os.setxattr("/tmp/capable", "security.capability", b"12345678")\'',
    "no descriptor of ours": "[ \"$(ls /proc/self/fd | xargs)\" = '0 1 2 3' ]",
    "a deep folder": 'rm -rf /tmp/deep; python3 -c \'import os; os.mkdir("/tmp/deep");'
    ' os.chdir("/tmp/deep"); [(os.mkdir("d" * 200), os.chdir("d" * 200)) for _ in range(30)];'
    " assert len(os.getcwd()) > 6000'; rm -r /tmp/deep",
    "mknod": "mknod /tmp/nod c 1 3; rm -f /tmp/pipe; mkfifo /tmp/pipe",
    "another's program": "sleep 5 & p=$!; while [ $(cat /proc/$p/comm) = sh ]; do :; done;"
    " [ $(readlink /proc/$p/exe) = /usr/bin/sleep ]; kill $p",
    "descriptors in /proc": "bash -c 'cat <(echo a) | grep -q a; echo b | cat /dev/stdin | grep -q"
    " b; cat /proc/self/fd/0 </etc/passwd | grep -q root; (echo e >/dev/stderr) 2>/tmp/e';"
    " grep -q e /tmp/e",
    "trees": "rm -rf /tmp/a /tmp/b; mkdir -p /tmp/a/b/c; ln -s ../a /tmp/a/up;"
    " echo x >/tmp/a/b/c/d; cp -a /tmp/a /tmp/b; diff -r --no-dereference /tmp/a /tmp/b;"
    " tar c -C /tmp a | tar t | wc -l;"
    " mv /tmp/b /tmp/a/e; find /tmp/a -name d | wc -l | grep -qx 2; rm -r /tmp/a",
    "links": "[ $(realpath /bin/sh) = $(realpath /usr/bin/sh) ];"
    " [ $(readlink -f /lib64) = /usr/lib64 ]",
    "compiler": "printf 'int main(void){return 0;}' >/tmp/c.c; gcc -o /tmp/c /tmp/c.c; /tmp/c",
    "scripts": "printf '#!/bin/sh -e\\necho \"$0 $# $1\"\\n' >/tmp/s; chmod 755 /tmp/s;"
    ' [ "$(/tmp/s "a b")" = "/tmp/s 1 a b" ]',
    "no such interpreter": "printf '#!/none\\n' >/tmp/n; chmod 755 /tmp/n;"
    " /tmp/n 2>/dev/null || [ $? = 127 ]",
}


@pytest.mark.parametrize("name", SCRIPTS)
def test_python(box: Box, name: str) -> None:
    box.python(SCRIPTS[name])


@pytest.mark.parametrize("name", SHELL)
def test_shell(box: Box, name: str) -> None:
    box.shell(SHELL[name])


@pytest.mark.parametrize("program", ["files", "threads", "threads-static"])
def test_programs_in_c(box: Box, program: str) -> None:
    done = box.run(f"/w/{program}")
    assert done.returncode == 0, done.stdout


def test_without_rewritten_call_sites(box: Box) -> None:
    done = box.run("/w/files", options=("--no-patch",))
    assert done.returncode == 0, done.stdout


def test_the_host_s_name_and_other_files_are_not_seen(box: Box) -> None:
    assert box.shell("uname -n; ls -A /", "--hostname", "box").split() == [
        "box", *sorted(path.name for path in box.root.iterdir()),
    ]  # fmt: skip
    assert box.run("/bin/ls", str(box.outside)).returncode == 2


def test_proc_lists_the_container_s_processes(box: Box) -> None:
    script = """
import os, subprocess
child = subprocess.Popen(['/bin/sleep', '1000'])
print(*(name for name in os.listdir('/proc') if name.isdigit()), 'of', os.getpid(), child.pid)
print(len(os.listdir(f'/proc/{os.getpid()}/task')), 'uptime' in os.listdir('/proc'))
child.kill()
"""
    listed, others = box.python(script, "--processes-of", str(os.getpid())).split("\n")[:2]
    shown, _, own = listed.partition(" of ")
    assert set(own.split()) <= set(shown.split())
    assert not {"1", str(os.getpid()), str(os.getppid())} & set(shown.split())
    assert others == "1 True"
    assert "1" in box.shell("ls /proc").split()


def test_proc_lists_the_container_s_mounts(box: Box) -> None:
    script = "cat /proc/mounts; cd /proc/self; cat mounts; cat /proc/$$/task/../mountinfo"
    shown = box.shell(script, "--bind-ro", str(box.outside), "/var/a b")
    lines = shown.splitlines()
    count = len(lines) // 3
    assert lines[:count] == lines[count : 2 * count]
    assert lines[0] == "systrap / systrap rw 0 0"
    assert {"proc /proc proc rw 0 0", "systrap /var/a\\040b systrap ro 0 0"} <= set(lines)
    device = box.root.stat().st_dev
    assert lines[2 * count] == (
        f"1 0 {os.major(device)}:{os.minor(device)} / / rw - systrap systrap rw"
    )
    assert str(box.outside) not in shown
    assert box.shell("df / | tail -n 1").split()[-1] == "/"


def test_read_only_root_and_bind(box: Box) -> None:
    writes = "echo x >/tmp/x || mkdir /tmp/y || rm -r /var/lib || ln -s a /var/b; cd /var; touch n"
    done = box.run("/bin/sh", "-c", writes, options=("--read-only",))
    assert done.stdout.count("Read-only file system") == 5, done.stdout
    done = box.run("/bin/sh", "-c", "touch /usr/x; cd /usr; mkdir y; rm bin/true")
    assert done.stdout.count("Read-only file system") == 3, done.stdout


def test_links_lead_into_binds(box: Box) -> None:
    data = box.outside / "data"
    data.mkdir(exist_ok=True)
    if os.getuid() == 0:
        os.chown(data, UID, UID)
    options = ("--bind", str(data), "/var/lib/data")
    box.shell(
        "ln -sfn /var/lib/data /tmp/absolute; ln -sfn ../var/lib/data /tmp/relative;"
        "cd /tmp; echo a >absolute/a; echo b >relative/b; echo c >/tmp/absolute/c; cd absolute;"
        "[ $(pwd -P) = /var/lib/data ]; echo d >../data/d; [ -d ../../lib ]",
        *options,
    )
    assert sorted(path.name for path in data.iterdir()) == ["a", "b", "c", "d"]


def test_a_program_that_does_not_exist(box: Box) -> None:
    done = box.run("/none")
    assert (done.returncode, done.stdout) == (255, "exec /none: no such file or directory\n")
