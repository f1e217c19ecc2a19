"""Credentials as requests bring them. source: Engine API, "Authentication"."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass

from ..api.untrusted_json import parse_json
from ..errors import BadParameter


@dataclass(frozen=True)
class Credentials:
    """A user with a password or a token; anonymous where all fields are empty.

    Attributes:
        username, password: for Basic authentication.
        identity_token: an OAuth refresh token, instead of a password.
        registry_token: a bearer token that is sent to the registry as it is.
        server: the registry's address, as `docker login` gives it.
    """

    username: str = ""
    password: str = ""
    identity_token: str = ""
    registry_token: str = ""
    server: str = ""

    def __repr__(self) -> str:
        return f"Credentials({self.username!r}, ...)"  # keeps passwords out of logs

    @property
    def basic(self) -> str:
        """The value of a Basic Authorization header; empty without a user."""
        if not self.username:
            return ""
        pair = f"{self.username}:{self.password}".encode()
        return f"Basic {base64.b64encode(pair).decode()}"


def from_header(text: str) -> Credentials:
    """Return the credentials of an X-Registry-Auth header.

    They are anonymous if the header is empty or cannot be decoded: dockerd ignores such a header.
    """
    padded = text + "=" * (-len(text) % 4)
    try:
        value = parse_json(base64.urlsafe_b64decode(padded) or b"{}")
    except ValueError:
        return Credentials()
    return from_json(value if isinstance(value, dict) else {})


def from_json(auth: Mapping[str, object]) -> Credentials:
    """Return the credentials of an AuthConfig, whatever the case of its keys.

    Raises:
        BadParameter: a token cannot be in a header.
    """
    fields = {key.lower(): value for key, value in auth.items() if isinstance(value, str)}
    if not fields.get("registrytoken", "").isprintable():
        raise BadParameter('net/http: invalid header field value for "Authorization"')
    return Credentials(
        fields.get("username", ""),
        fields.get("password", ""),
        fields.get("identitytoken", ""),
        fields.get("registrytoken", ""),
        fields.get("serveraddress", ""),
    )
