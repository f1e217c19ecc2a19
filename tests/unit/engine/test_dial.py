"""Remote engines over TLS and ssh: a TLS server on loopback, and a fake `ssh` in PATH."""

from __future__ import annotations

import contextlib
import os
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import pytest

from docker_magics.engine.address import Address, Tls
from docker_magics.engine.client import Engine
from docker_magics.engine.dial import dialer_for, plain_socket
from docker_magics.engine.ssh import SshSocket
from docker_magics.engine.tls import TlsSocket
from docker_magics.errors import EngineUnreachable

_PING = b"HTTP/1.1 200 OK\r\nApi-Version: 1.47\r\nContent-Length: 0\r\n\r\n"
_UPGRADED = (
    b"HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n"
    b"Content-Type: application/vnd.docker.raw-stream\r\n\r\nfirst;"
)


def _openssl(*arguments: object) -> None:
    command = ["openssl", *map(str, arguments)]
    subprocess.run(command, check=True, capture_output=True, timeout=20)


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A CA, and a certificate of it for localhost that serves both sides."""
    folder = tmp_path_factory.mktemp("certificates")
    new = ("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
    ca, key, request = folder / "ca.pem", folder / "key.pem", folder / "request.pem"
    ca_key, names = folder / "ca-key.pem", folder / "names"
    names.write_text("subjectAltName=DNS:localhost,IP:127.0.0.1\n")
    _openssl(*new, "-x509", "-subj", "/CN=test CA", "-keyout", ca_key, "-out", ca)
    _openssl(*new, "-subj", "/CN=localhost", "-keyout", key, "-out", request)
    signing = ("-req", "-in", request, "-CA", ca, "-CAkey", ca_key, "-CAcreateserial")
    _openssl("x509", *signing, "-extfile", names, "-out", folder / "cert.pem")
    return folder


@dataclass
class TlsServer:
    """Runs a function for each connection and records errors.

    Attributes:
        port: the port on the loopback.
        errors: errors of handshakes and connections.
    """

    folder: Path
    serve: Callable[[ssl.SSLSocket], None]
    host: str
    errors: list[OSError] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self._context.load_cert_chain(self.folder / "cert.pem", self.folder / "key.pem")
        self._context.load_verify_locations(self.folder / "ca.pem")
        self._context.verify_mode = ssl.CERT_REQUIRED
        self._context.verify_flags &= ~ssl.VERIFY_X509_STRICT  # as a dockerd takes it
        self._listener = socket.create_server((self.host, 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return  # closed
            try:
                with self._context.wrap_socket(connection, server_side=True) as tls:
                    self.serve(tls)
            except OSError as error:
                self.errors.append(error)

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()


class Serve(Protocol):
    """A function that starts a TLS server."""

    def __call__(
        self, function: Callable[[ssl.SSLSocket], None], host: str = "127.0.0.1"
    ) -> TlsServer: ...


@pytest.fixture
def serve(certificates: Path) -> Iterator[Serve]:
    """A function that starts TLS servers, which end with the test."""
    with contextlib.ExitStack() as stack:

        def start(function: Callable[[ssl.SSLSocket], None], host: str = "127.0.0.1") -> TlsServer:
            server = TlsServer(certificates, function, host)
            stack.callback(server.close)
            return server

        yield start


def keys(folder: Path, **changes: Any) -> Tls:
    files = {name: folder / f"{name}.pem" for name in ("ca", "cert", "key")}
    return Tls(**{**files, **changes})


def tls_engine(port: int, tls: Tls, host: str = "127.0.0.1") -> Engine:
    return Engine(Address(f"tcp://{host}:{port}", tls=tls))


def read_request(connection: Any) -> bytes:
    """Read a request without a body."""
    data = b""
    while not data.endswith(b"\r\n\r\n") and (piece := connection.recv(4096)):
        data += piece
    return data


def answer_pings(connection: ssl.SSLSocket) -> None:
    while read_request(connection):
        connection.sendall(_PING)


def test_an_engine_answers_over_tls(serve: Serve, certificates: Path) -> None:
    server = serve(answer_pings)
    engine = tls_engine(server.port, keys(certificates))
    assert engine.api_version == "1.47"
    assert engine.request("GET", "/info").status == 200  # on the pooled connection
    engine.close()


def test_a_hijacked_connection_is_closed_in_one_direction(serve: Serve, certificates: Path) -> None:
    """Output follows the end of the input, and arrives whole."""
    received = bytearray()
    output = b"x" * 300_000

    def attach(connection: ssl.SSLSocket) -> None:
        read_request(connection)
        connection.sendall(_PING)
        read_request(connection)
        connection.sendall(_UPGRADED)
        while data := connection.recv(65536):
            received.extend(data)
        connection.sendall(output)

    server = serve(attach)
    engine = tls_engine(server.port, keys(certificates))
    connection = engine.hijack("/containers/web/attach")
    assert connection.read() == b"first;"
    connection.write(b"y" * 200_000)
    connection.close_write()
    assert b"".join(iter(connection.read, b"")) == output
    assert bytes(received) == b"y" * 200_000
    connection.close()
    assert connection.read() == b""
    engine.close()
    assert server.errors == []


def test_output_before_stdin_eof_is_kept(serve: Serve, certificates: Path) -> None:
    sent = threading.Event()

    def early(connection: ssl.SSLSocket) -> None:
        connection.sendall(b"early")
        sent.set()
        while connection.recv(4096):
            pass
        connection.sendall(b" late")

    server = serve(early)
    context = ssl.create_default_context(cafile=str(certificates / "ca.pem"))
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    context.load_cert_chain(certificates / "cert.pem", certificates / "key.pem")
    raw = socket.create_connection(("127.0.0.1", server.port))
    sock = TlsSocket(raw, context, "localhost")
    assert sock.fileno() == raw.fileno()
    assert sent.wait(5)
    sock.shutdown(socket.SHUT_WR)
    with sock.makefile("rb", 4096) as reader:
        assert reader.read() == b"early late"
    sock.close()


def test_a_read_ends_after_its_timeout(serve: Serve, certificates: Path) -> None:
    server = serve(lambda connection: bool(connection.recv(1)) and None)
    dial = dialer_for(Address(f"tcp://localhost:{server.port}", tls=keys(certificates)))
    sock = dial()
    sock.settimeout(0.05)
    with pytest.raises(TimeoutError):
        sock.recv_into(bytearray(10))
    sock.shutdown(socket.SHUT_RDWR)
    sock.close()


def _hang_up(connection: ssl.SSLSocket) -> None:
    read_request(connection)


@pytest.mark.parametrize(
    ("changes", "host", "reason"),
    [
        ({"ca": None}, "127.0.0.1", "certificate verify failed"),
        ({}, "127.0.0.2", "IP address mismatch"),
        ({"cert": None}, "127.0.0.1", "closed the connection|certificate required|EOF"),
    ],
    ids=["unknown CA", "another host's", "no client certificate"],
)
def test_an_untrusted_certificate_is_an_error(
    serve: Serve, certificates: Path, changes: dict[str, Any], host: str, reason: str
) -> None:
    server = serve(_hang_up, host)
    with pytest.raises(EngineUnreachable, match=reason) as refused:
        assert tls_engine(server.port, keys(certificates, **changes), host).api_version
    assert len(str(refused.value).splitlines()) == 1


def test_verification_can_be_switched_off(serve: Serve, certificates: Path) -> None:
    server = serve(answer_pings)
    engine = tls_engine(server.port, keys(certificates, ca=None, verify=False))
    assert engine.api_version == "1.47"
    engine.close()


def test_a_server_that_hangs_up_is_reported(serve: Serve, certificates: Path) -> None:
    server = serve(_hang_up)
    with pytest.raises(EngineUnreachable, match="closed the connection"):
        assert tls_engine(server.port, keys(certificates)).api_version


def test_a_missing_key_file_is_named(certificates: Path) -> None:
    engine = tls_engine(1, keys(certificates, key=certificates / "missing.pem"))
    with pytest.raises(EngineUnreachable, match=r"No such file or directory: .*missing\.pem"):
        assert engine.api_version


# -- ssh


_FAKE_SSH = """\
#!/bin/sh
printf '%s\\n' "$@" > "$SSH_ARGUMENTS"
{body}
"""


@pytest.fixture
def ssh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    """A function that installs a fake ssh in PATH; returns the file with its arguments."""

    def install(body: str) -> Path:
        script, arguments = tmp_path / "ssh", tmp_path / "arguments"
        script.write_text(_FAKE_SSH.format(body=body))
        script.chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
        monkeypatch.setenv("SSH_ARGUMENTS", str(arguments))
        return arguments

    return install


#: Reads the request's lines up to the empty one.
_READ_HEADERS = "while read -r line && [ ${#line} -gt 1 ]; do :; done\n"


def _ssh_answers(*responses: bytes) -> str:
    lines = [
        _READ_HEADERS + "printf '" + response.decode().replace("\r\n", "\\r\\n") + "'\n"
        for response in responses
    ]
    return "".join(lines)


@pytest.mark.parametrize(
    ("host", "arguments"),
    [
        ("ssh://box", ["--", "box", "docker", "system", "dial-stdio"]),
        (
            "ssh://me@box:2222/run/docker.sock",
            [
                *("-l", "me", "-p", "2222", "--", "box"),
                *("docker", "--host", "unix:///run/docker.sock", "system", "dial-stdio"),
            ],
        ),
    ],
)
def test_an_engine_answers_over_ssh(
    ssh: Callable[[str], Path], host: str, arguments: list[str]
) -> None:
    file = ssh(_ssh_answers(_PING))
    engine = Engine(Address(host))
    assert engine.api_version == "1.47"
    engine.close()
    options = ["-o", "ConnectTimeout=30", "-T"]
    assert file.read_text().splitlines() == options + arguments


def test_input_over_ssh_ends_while_output_continues(ssh: Callable[[str], Path]) -> None:
    ssh(_ssh_answers(_PING, _UPGRADED) + "tr a-z A-Z\n")
    engine = Engine(Address("ssh://box"))
    connection = engine.hijack("/containers/web/attach")
    assert connection.read() == b"first;"
    connection.write(b"hello")
    connection.close_write()
    assert b"".join(iter(connection.read, b"")) == b"HELLO"
    connection.close()
    engine.close()


def test_the_error_message_of_ssh_is_one_line(ssh: Callable[[str], Path]) -> None:
    ssh("echo 'ssh: connect to host box port 22: Connection refused' >&2; exit 255\n")
    with pytest.raises(EngineUnreachable) as refused:
        assert Engine(Address("ssh://box")).api_version
    reason = "ssh: connect to host box port 22: Connection refused"
    assert str(refused.value) == f"no answer from ssh://box: {reason}"


def test_an_ssh_that_ends_silently_is_reported(ssh: Callable[[str], Path]) -> None:
    ssh("exit 1\n")
    with pytest.raises(EngineUnreachable, match=r"no answer from ssh://box: .+"):
        assert Engine(Address("ssh://box")).api_version


def test_a_missing_ssh_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(EngineUnreachable, match="No such file or directory: 'ssh'"):
        assert Engine(Address("ssh://box")).api_version


def test_undecodable_messages_of_ssh_are_shown() -> None:
    sock = SshSocket(("sh", "-c", r"printf '\377 no\n' >&2"))
    assert sock.error_message() == "\N{REPLACEMENT CHARACTER} no"
    sock.close()


# -- others


def test_plain_connections_are_sockets(tmp_path: Path) -> None:
    """TLS keys do not apply to unix sockets."""
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket(socket.AF_UNIX) as local:
        local.bind(str(tmp_path / "s"))
        local.listen()
        port = server.getsockname()[1]
        for address in (
            Address(f"tcp://127.0.0.1:{port}"),
            Address(f"unix://{tmp_path}/s"),
            Address(f"unix://{tmp_path}/s", tls=Tls()),
        ):
            sock = plain_socket(address)
            assert sock is not None
            sock.close()
    assert plain_socket(Address("ssh://box")) is None
    assert plain_socket(Address(f"tcp://127.0.0.1:{port}", tls=Tls())) is None


def test_addresses_of_other_kinds_are_errors() -> None:
    with pytest.raises(EngineUnreachable, match=r"cannot use fd://3: fd:// is not supported"):
        assert Engine(Address("fd://3")).api_version
