"""Credentials in request headers."""

from __future__ import annotations

import base64
import json

import pytest

from docker_magics.embedded.registry.credentials import Credentials, from_header


def encoded(text: str) -> str:
    """Return JSON encoded for the X-Registry-Auth header."""
    return base64.urlsafe_b64encode(text.encode()).decode()


def test_a_header_names_a_user() -> None:
    header = encoded(json.dumps({"username": "me", "password": "§?>", "serveraddress": "host"}))
    expected = Credentials("me", "§?>", server="host")
    assert from_header(header) == expected
    assert from_header(header.rstrip("=")) == expected


@pytest.mark.parametrize(
    "header",
    ["", "not base64", "a", "ä", encoded("no JSON"), encoded("[]"), encoded("7"), "gICA"],
)
def test_invalid_headers_mean_anonymous(header: str) -> None:
    assert from_header(header) == Credentials()
