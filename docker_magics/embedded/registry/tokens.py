"""Authentication with a registry: Basic, or bearer tokens of its token server.

source: docker/distribution, docs/spec/auth/token.md, oauth.md; RFC 7235.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from ..api.untrusted_json import parse_json
from ..errors import ApiError, Unauthorized
from .credentials import Credentials
from .go_errors import go_message
from .proxies import Connections, read_up_to

if TYPE_CHECKING:
    from urllib3 import BaseHTTPResponse

CLIENT = "docker-magics"
_MAX_ANSWER = 1 << 20
#: It begins at the start of a word: otherwise, a long word takes quadratic time.
_PARAMETER = re.compile(r'\b(\w+)="([^"]*)"')


class Tokens:
    """The Authorization headers for one registry.

    Args:
        credentials: the user's.
        connections: lead to the token server.
    """

    def __init__(self, credentials: Credentials, connections: Connections) -> None:
        self._credentials = credentials
        self._connections = connections
        #: Authorization headers by scope; Basic authentication counts for all, as the scope "".
        self._headers: dict[str, str] = {}

    def header(self, scope: str) -> str:
        """Return the Authorization header for a scope; empty if there is none yet."""
        if self._credentials.registry_token:
            return _bearer(self._credentials.registry_token)
        return self._headers.get(scope) or self._headers.get("") or ""

    def authenticate(self, challenge: str, scope: str) -> None:
        """Answer a registry's challenge, so that `header` has what it wants.

        Args:
            challenge: the WWW-Authenticate header.
            scope: what the token is to allow, if the challenge does not say.

        Raises:
            Unauthorized: the user is unknown, or there is none.
            ApiError: the token server does not answer.
        """
        scheme, _, rest = challenge.partition(" ")
        if scheme.lower() == "basic":
            if not self._credentials.basic:
                raise Unauthorized("no basic auth credentials")
            self._headers[""] = self._credentials.basic
            return
        if scheme.lower() != "bearer":
            raise Unauthorized("authentication required")
        parameters = dict(_PARAMETER.findall(rest))
        token = self._fetch(parameters, parameters.get("scope") or scope)
        if not token.isprintable():
            raise ApiError('net/http: invalid header field value for "Authorization"')
        self._headers[scope] = _bearer(token)

    def _fetch(self, parameters: dict[str, str], scope: str) -> str:
        from urllib3.exceptions import HTTPError

        realm = parameters.get("realm", "")
        query = {"service": parameters.get("service", ""), "scope": scope}
        try:
            response = self._request(realm, query)
            data = read_up_to(response, _MAX_ANSWER)
        except HTTPError as error:
            raise ApiError(f'Get "{realm}": {go_message(error, realm)}') from error
        if response.status >= 400:
            raise Unauthorized("unauthorized: incorrect username or password")
        return _token_of(data)

    def _request(self, realm: str, query: dict[str, str]) -> BaseHTTPResponse:
        """Ask by POST with a refresh token (OAuth), or else by GET with Basic authentication."""
        credentials = self._credentials
        if credentials.identity_token:
            fields = {
                **query,
                "grant_type": "refresh_token",
                "client_id": CLIENT,
                "refresh_token": credentials.identity_token,
            }
            return self._connections.request(
                "POST", realm, fields=fields, encode_multipart=False, preload_content=False
            )
        headers = {"User-Agent": CLIENT}
        if credentials.basic:
            headers["Authorization"] = credentials.basic
        url = f"{realm}?{urlencode(query)}"
        return self._connections.request("GET", url, headers=headers, preload_content=False)


def _bearer(token: str) -> str:
    """Return the header for a token, which is sent as UTF-8."""
    return f"Bearer {token.encode().decode('latin-1')}"


def _token_of(data: bytes | None) -> str:
    """Return the token in a token server's answer; None is one that is too large."""
    try:
        answer = parse_json(data or b"")
        return str(answer.get("token") or answer.get("access_token") or "")
    except (ValueError, AttributeError) as error:
        raise ApiError("unable to decode token response") from error
