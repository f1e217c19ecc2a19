"""Registry credentials, stored in the docker CLI's configuration or its credential helpers.

docker-py reads the configuration and calls the credential helpers.
source: docker/cli, cli/config/configfile; Engine API, "Authentication".
"""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

from docker_magics.errors import RegistryError, UsageError

from .cli_config import CliConfig

if TYPE_CHECKING:
    from docker.auth import AuthConfig

#: Docker Hub's name in the configuration.
HUB = "https://index.docker.io/v1/"
#: source: docker/cli, cli/config/credentials/file_store.go.
_UNENCRYPTED = """
WARNING! Your credentials are stored unencrypted in '{}'.
Configure a credential helper to remove this warning. See
https://docs.docker.com/go/credential-store/
"""
_HUB_DOMAINS = {"docker.io", "index.docker.io", "registry-1.docker.io"}


def header_for(domain: str) -> dict[str, str]:
    """Return the X-Registry-Auth header of a registry; without stored credentials an empty one."""
    return {"X-Registry-Auth": encode(credentials_for(domain) or {})}


def header_for_all() -> dict[str, str]:
    """Return the X-Registry-Config header of a build, with all stored credentials."""
    return {"X-Registry-Config": encode(all_credentials())}


def all_credentials() -> dict[str, dict[str, str]]:
    """Return all stored credentials as the API's AuthConfig, by server."""
    credentials = _config().get_all_credentials() or {}
    return {server: _as_api(server, entry) for server, entry in credentials.items() if entry}


def credentials_for(domain: str) -> dict[str, str] | None:
    """Return the stored credentials of a registry as the API's AuthConfig, or None.

    Raises:
        RegistryError: a credential helper failed.
    """
    from docker.errors import DockerException

    server = server_key(domain)
    try:
        entry = _config().resolve_authconfig(server)
    except DockerException as error:
        raise RegistryError(f"cannot read the credentials for {domain}: {error}") from error
    return _as_api(server, entry) if entry else None


def server_key(domain: str) -> str:
    """Return the key under which a registry's credentials are stored."""
    return HUB if domain in _HUB_DOMAINS or domain == HUB else domain


def encode(value: dict[str, Any]) -> str:
    """Encode a value as JSON in URL-safe base64, as the headers require."""
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode()


def save(server: str, credentials: dict[str, str]) -> str | None:
    """Store credentials as `docker login` does: in the helper, else in config.json (0600).

    Returns:
        A warning if new credentials are stored unencrypted, else None.
    """
    cli_config = CliConfig()
    config = cli_config.read()
    if helper := _helper(config, server):
        _helper_store(helper, server, credentials)
        entry: dict[str, str] = {}
    else:
        pair = f"{credentials['username']}:{credentials['password']}"
        entry = {"auth": base64.b64encode(pair.encode()).decode()}
    stored = config.setdefault("auths", {})
    is_new = stored.get(server) != entry
    stored[server] = entry
    cli_config.write(config)
    if helper or not is_new:
        return None
    return _UNENCRYPTED.format(cli_config.file)


def erase(server: str) -> None:
    """Remove stored credentials. Idempotent."""
    cli_config = CliConfig()
    config = cli_config.read()
    existed = config.get("auths", {}).pop(server, None) is not None
    if helper := _helper(config, server):
        _helper_erase(helper, server)
    if existed:
        cli_config.write(config)


def _config() -> AuthConfig:
    from docker.auth import load_config

    return load_config(config_path=CliConfig().file)


def _as_api(server: str, entry: dict[str, Any]) -> dict[str, str]:
    fields = {key.lower(): str(value) for key, value in entry.items() if value}
    token = fields.get("identitytoken")
    login = (
        {"identitytoken": token}
        if token
        else {key: fields.get(key, "") for key in ("username", "password")}
    )
    return {**login, "serveraddress": server}


def _helper(config: dict[str, Any], server: str) -> str | None:
    helper: str | None = config.get("credHelpers", {}).get(server) or config.get("credsStore")
    return helper


def _helper_store(helper: str, server: str, credentials: dict[str, str]) -> None:
    from docker.credentials import Store
    from docker.credentials.errors import CredentialsNotFound, StoreError

    try:
        Store(helper).store(server, credentials["username"], credentials["password"])
    except (StoreError, CredentialsNotFound) as error:
        raise UsageError(f"error saving credentials: {error}") from error


def _helper_erase(helper: str, server: str) -> None:
    from docker.credentials import Store
    from docker.credentials.errors import CredentialsNotFound, StoreError

    try:
        Store(helper).erase(server)
    except CredentialsNotFound:
        return
    except StoreError as error:
        raise UsageError(f"could not erase credentials: {error}") from error
