"""Each container has a part of the loopback: ports do not collide, and all reach each other."""

from __future__ import annotations

import socket
import threading

import pytest
from systrap.conftest import Box

WEB, DATABASE = ("--loopback", "1025", "all"), ("--loopback", "1026", "all")
WEB_ADDRESS, DATABASE_ADDRESS = "127.64.4.1", "127.64.4.2"
GATEWAY = "127.64.0.1"
SERVER = """
import socket
server = socket.create_server(("0.0.0.0", 80))
assert server.getsockname() == ("0.0.0.0", 80), server.getsockname()
for _ in range(3):
    client, peer = server.accept()
    client.sendall(f"{peer[0]} {peer == client.getpeername()} {client.getsockname()}".encode())
    client.close()
"""
CLIENT = """
import socket, time
def ask(address, family=socket.AF_INET):
    for _ in range(500):
        client = socket.socket(family)
        try:
            client.connect((address, 80))
            break
        except ConnectionRefusedError:
            time.sleep(.02)
    assert client.getpeername()[1] == 80, client.getpeername()
    return client.recv(99).decode(), client.getsockname()[0]
"""


def in_background(box: Box, script: str, options: tuple[str, ...]) -> threading.Thread:
    """Run a script of Python, which must succeed, in a thread."""
    thread = threading.Thread(target=box.python, args=(script, *options))
    thread.start()
    return thread


def test_containers_listen_on_the_same_port(box: Box) -> None:
    threads = [in_background(box, SERVER, options) for options in (WEB, DATABASE)]
    shown = box.python(
        CLIENT + f"print(*ask('127.0.0.1')); print(*ask({WEB_ADDRESS!r}));"
        f"print(*ask({DATABASE_ADDRESS!r})); print(*ask('::1', socket.AF_INET6))",
        *WEB,
    )
    assert shown.splitlines() == [
        f"127.0.0.1 True ('{WEB_ADDRESS}', 80) 127.0.0.1",
        f"127.0.0.1 True ('{WEB_ADDRESS}', 80) {WEB_ADDRESS}",
        f"{WEB_ADDRESS} True ('{DATABASE_ADDRESS}', 80) {WEB_ADDRESS}",
        f"127.0.0.1 True ('{WEB_ADDRESS}', 80) ::1",
    ]
    box.python(CLIENT + f"[ask({DATABASE_ADDRESS!r}) for _ in range(2)]", *WEB)
    for thread in threads:
        thread.join()


SCRIPTS = {
    "IPv4 and IPv6 alone": """
server = socket.create_server(('0.0.0.0', 80))
six = socket.create_server(('::', 80), family=socket.AF_INET6)
assert six.getsockname()[1] == 80
assert connected('127.0.0.1', 80, server) and connected('::1', 80, six)
""",
    "IPv4 and IPv6 at once": """
server = socket.create_server(('::', 80), family=socket.AF_INET6, dualstack_ipv6=True)
assert server.getsockname()[:2] == ('::', 80), server.getsockname()
assert connected('127.0.0.1', 80, server) == '::ffff:127.0.0.1'
assert connected('::1', 80, server) == '::1'
""",
    "its own loopback": """
inside = socket.create_server(('127.0.0.1', 80))
outside = socket.create_server((OWN, 80))
assert inside.getsockname() == ('127.0.0.1', 80)
assert connected('127.0.0.1', 80, inside) and connected(OWN, 80, outside)
""",
    "a port that is taken": """
first = socket.create_server(('', 80))
try: socket.create_server(('', 80))
except OSError as error: assert error.errno == errno.EADDRINUSE
else: assert False
""",
    "any port": """
server = socket.create_server(('', 0))
assert connected('127.0.0.1', server.getsockname()[1], server)
assert connected(OWN, server.getsockname()[1], server)
""",
    "datagrams": """
server, client = (socket.socket(type=socket.SOCK_DGRAM) for _ in range(2))
server.bind(('', 53))
for address in ('127.0.0.1', OWN):
    client.sendto(b'a', (address, 53))
    data, peer = server.recvfrom(9)
    server.sendto(b'b', peer)
    assert client.recvfrom(9) == (b'b', ('127.0.0.1', 53))
client.sendmsg([b'd'], [], 0, (OWN, 53))
data, _, _, peer = server.recvmsg(9); server.sendmsg([data], [], 0, peer)
assert client.recvmsg(9)[3] == ('127.0.0.1', 53)
client.connect(('127.0.0.1', 53)); client.send(b'c'); server.sendto(*server.recvfrom(9))
assert client.recv(9) == b'c' and client.getpeername() == ('127.0.0.1', 53)
""",
    "addresses of others": """
for address in ('127.64.4.9', '127.64.0.1'):
    try: socket.socket().bind((address, 80))
    except OSError as error: assert error.errno == errno.EADDRNOTAVAIL
    else: assert False
""",
    "without blocking": """
server = socket.create_server(('', 80))
client = socket.socket(); client.setblocking(False)
assert client.connect_ex(('127.0.0.1', 80)) in (0, errno.EINPROGRESS)
server.accept()[0].send(b'x'); client.setblocking(True); assert client.recv(1) == b'x'
""",
}
HELPERS = f"""
import errno, socket
OWN = {WEB_ADDRESS!r}
def connected(address, port, server):
    client = socket.create_connection((address, port))
    other, peer = server.accept()
    assert client.getpeername()[1] == port
    assert other.getpeername()[1] == client.getsockname()[1]
    return peer[0]
"""


@pytest.mark.parametrize("name", SCRIPTS)
def test_one_container(box: Box, name: str) -> None:
    box.python(HELPERS + SCRIPTS[name], *WEB)


def test_a_loopback_is_the_container_s_own(box: Box) -> None:
    server = "import socket; s = socket.create_server(('127.0.0.1', 80)); s.accept(); s.accept()"
    thread = in_background(box, server, WEB)
    box.python(CLIENT.replace("client.recv(99)", "b''") + "ask('127.0.0.1')", *WEB)
    script = f"import socket; print(socket.socket().connect_ex(({WEB_ADDRESS!r}, 80)))"
    assert box.python(script, *DATABASE) == "111\n"
    box.python(CLIENT.replace("client.recv(99)", "b''") + "ask('127.0.0.1')", *WEB)
    thread.join()


def test_the_machine_s_ports(box: Box) -> None:
    with socket.create_server(("", 0)) as server:
        port = server.getsockname()[1]
        script = f"""
import socket
server = socket.create_server(('', {port}))
client = socket.create_connection(({GATEWAY!r}, {port}))
assert client.getpeername() == ({GATEWAY!r}, {port})
"""
        box.python(script, *WEB)
        server.accept()[0].close()


def test_several_datagrams_at_once(box: Box) -> None:
    shown = box.run("/w/messages", options=WEB)
    assert shown.stdout == "127.0.0.1 53\n" * 2


#: What the engine writes for containers that have the static addresses 10.5.0.5 and 10.5.0.6.
HOSTS = f"{WEB_ADDRESS}\tweb 10.5.0.5\n{DATABASE_ADDRESS}\tdb\t10.5.0.6\n"
FIXED_SERVER = """
server = socket.create_server(("10.5.0.6", 80))
client, peer = server.accept()
client.sendall(f"{peer[0]} {client.getsockname()[0]}".encode())
datagrams = socket.socket(type=socket.SOCK_DGRAM)
datagrams.bind(("10.5.0.6", 53))
client.sendall(b".")
data, peer = datagrams.recvfrom(9)
datagrams.sendto(data, peer)
"""
FIXED_CLIENT = """
client = socket.socket()
while client.connect_ex(("10.5.0.6", 80)):
    time.sleep(.02)
data = b""
while not data.endswith(b"."):
    data += client.recv(99)
assert client.getpeername() == ("10.5.0.6", 80), client.getpeername()
datagrams = socket.socket(type=socket.SOCK_DGRAM)
datagrams.sendto(b"a", ("10.5.0.6", 53))
print(data.decode(), *datagrams.recvfrom(9)[1])
"""


def test_static_addresses(box: Box) -> None:
    (box.root / "etc/hosts").write_text(HOSTS)
    begin = "import socket, time\n"
    thread = in_background(box, begin + FIXED_SERVER, DATABASE)
    shown = box.python(begin + FIXED_CLIENT, *WEB)
    thread.join()
    (box.root / "etc/hosts").unlink()
    assert shown == "10.5.0.5 10.5.0.6. 10.5.0.6 53\n"


@pytest.mark.parametrize(
    ("reach", "neighbour", "outside"),
    [("itself", 101, 101), ("containers", 111, 101), ("all", 111, 111)],
)
def test_what_a_container_reaches(box: Box, reach: str, neighbour: int, outside: int) -> None:
    script = f"""
import socket
code = lambda *address: socket.socket().connect_ex(address)
server = socket.create_server(('', 80))
print(code('127.0.0.1', 80), code({DATABASE_ADDRESS!r}, 80), code({GATEWAY!r}, 1))
"""
    shown = box.python(script, "--loopback", "1025", reach)
    assert shown.split() == ["0", str(neighbour), str(outside)]
