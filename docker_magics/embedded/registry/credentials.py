"""Credentials as requests bring them. source: Engine API, "Authentication"."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass


@dataclass(frozen=True)
class Credentials:
    """A user's, a token instead of a password, or nobody's."""

    username: str = ""
    password: str = ""
    identity_token: str = ""
    registry_token: str = ""
    server: str = ""

    def __repr__(self) -> str:
        return f"Credentials({self.username!r}, ...)"  # a password is in no log

    @property
    def basic(self) -> str:
        """The value of a Basic authorization; empty without a user."""
        if not self.username:
            return ""
        pair = f"{self.username}:{self.password}".encode()
        return f"Basic {base64.b64encode(pair).decode()}"


def from_header(text: str) -> Credentials:
    """Return the credentials of an X-Registry-Auth header.

    Nobody's where the header is empty or cannot be decoded: dockerd goes on without them.
    """
    padded = text + "=" * (-len(text) % 4)
    try:
        found = json.loads(base64.urlsafe_b64decode(padded) or b"{}")
    except ValueError:
        return Credentials()
    return from_json(found if isinstance(found, dict) else {})


def from_json(found: dict[str, str]) -> Credentials:
    """Those of an AuthConfig."""
    lower = {key.lower(): value for key, value in found.items() if isinstance(value, str)}
    return Credentials(
        lower.get("username", ""),
        lower.get("password", ""),
        lower.get("identitytoken", ""),
        lower.get("registrytoken", ""),
        lower.get("serveraddress", ""),
    )
