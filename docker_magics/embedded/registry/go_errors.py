"""Failed connections in the words of Go's net package, which clients of dockerd know."""

from __future__ import annotations

import contextlib
import socket

from ..resolv_conf import name_servers


def go_message(error: Exception, url: str) -> str:
    """Return Go's message for an error of urllib3.

    Args:
        error: what failed.
        url: where the request went; empty for unknown.
    """
    text = str(getattr(error, "reason", None) or error)
    # by hand, as urlsplit rejects some of the URLs that failed
    netloc = url.partition("//")[2].partition("/")[0]
    host, _, port = netloc.rpartition(":") if ":" in netloc else (netloc, "", "")
    if "Connection refused" in text:
        port = port or ("443" if url.startswith("https") else "80")
        return f"dial tcp {_address(host)}:{port}: connect: connection refused"
    if "Name or service not known" in text or "Temporary failure in name resolution" in text:
        servers = name_servers()
        server = f" on {servers[0]}:53" if servers else ""
        return f"dial tcp: lookup {host}{server}: no such host"
    if "timed out" in text:
        return "net/http: request canceled while waiting for connection"
    return text


def _address(host: str) -> str:
    with contextlib.suppress(OSError):
        return socket.gethostbyname(host)
    return host
