"""Creating a container; a missing image is pulled.

source: docker/cli, cli/command/container/create.go: createContainer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from docker_magics.commands._platform import checked_platform, chosen_platform
from docker_magics.commands._reference import parse_reference
from docker_magics.commands._session_label import label_volumes
from docker_magics.engine.client import Engine
from docker_magics.errors import DockerMagicsError, FlagError, NotFound, UsageError
from docker_magics.results.live import Chain
from docker_magics.wire.reference import Reference, is_identity

from ._body import create_body
from ._flags import CreateFlags
from ._interrupts import create_container, removed_after

if TYPE_CHECKING:
    from pathlib import Path

_PULL = ("always", "missing", "never")
#: Feature -> the first API version that supports it.
_SINCE = {
    "--annotation": "1.43",
    "--cgroupns": "1.41",
    "--health-start-interval": "1.44",
    "specify mac-address per network": "1.44",
    "bind-recursive=readonly": "1.44",
}


def create(flags: CreateFlags, engine: Engine, then: Callable[[str], Any]) -> Any:
    """Create a container and call `then` with its ID. An interrupt removes it until then.

    Returns:
        The result of `then`; if the image is missing, the pull's progress, which ends with it.

    Raises:
        UsageError: the flags are invalid.
        ApiError: the engine answered with an error.
    """
    _check_flags(flags)
    body = create_body(flags, engine)
    _check_version(flags, engine)
    with exit_codes(flags):
        image = _image(flags)
        credentials = _share_engine(flags, body, engine)
        query = {"name": flags.name, "platform": _platform(flags, engine)}
        cidfile = _cidfile(flags.cidfile)

    def send() -> str:
        with exit_codes(flags):
            label_volumes(body, engine, flags.volume_driver)
            response = create_container(engine, query, body)
        identity: str = response["Id"]
        with removed_after(KeyboardInterrupt, engine, identity):
            _report(flags, response, cidfile)
            if credentials:
                from ._api_socket import put_credentials

                put_credentials(engine, identity, credentials)
        return identity

    def go_on(identity: str) -> Any:
        with removed_after(KeyboardInterrupt, engine, identity):
            return then(identity)

    if flags.pull != "always":
        try:
            identity = send()
        except NotFound:
            if flags.pull != "missing" or image is None:
                raise
            if not flags.quiet:
                flags.terminal.notify(f"Unable to find image '{image.tagged.familiar}' locally")
        else:
            return go_on(identity)
    return Chain(_pull(flags, engine), lambda _: go_on(send()), flags.exit_code)


def _report(flags: CreateFlags, response: dict[str, Any], cidfile: Path | None) -> None:
    for warning in [*(response.get("Warnings") or []), *_dns_warnings(flags.dns)]:
        flags.terminal.notify(f"WARNING: {warning}")
    if cidfile:
        cidfile.write_text(response["Id"])


@contextmanager
def exit_codes(flags: CreateFlags) -> Iterator[None]:
    """Set the docker CLI's exit codes on errors."""
    try:
        yield
    except DockerMagicsError as error:
        error.exit_code = flags.exit_code(error)
        raise


def _check_flags(flags: CreateFlags) -> None:
    if flags.pull and flags.pull not in _PULL:
        message = f'invalid pull option: \'{flags.pull}\': must be one of "always", "missing"'
        raise FlagError(f'{message} or "never"')


def _check_version(flags: CreateFlags, engine: Engine) -> None:
    for feature, is_used in _newer(flags):
        if is_used:
            engine.require(_SINCE[feature], feature)


def _newer(flags: CreateFlags) -> Iterator[tuple[str, bool]]:
    """Yield features that older engines lack, and whether they are used."""
    yield "--annotation", bool(flags.annotation)
    yield "--cgroupns", bool(flags.cgroupns)
    yield "--health-start-interval", bool(flags.health_start_interval)
    yield "specify mac-address per network", any(option.mac for option in flags.network)
    forced = (option.get("BindOptions", {}).get("ReadOnlyForceRecursive") for option in flags.mount)
    yield "bind-recursive=readonly", any(forced)


def _image(flags: CreateFlags) -> Reference | None:
    """Return the image's reference, or None for an ID, which registries do not know."""
    return None if is_identity(flags.image) else parse_reference(flags.image)


def _platform(flags: CreateFlags, engine: Engine) -> str:
    return checked_platform(chosen_platform(flags.platform)) if engine.supports("1.41") else ""


def _share_engine(flags: CreateFlags, body: dict[str, Any], engine: Engine) -> Any:
    if not flags.use_api_socket:
        return None
    from ._api_socket import share_engine

    return share_engine(body, engine)


def _cidfile(name: str) -> Path | None:
    if not name:
        return None
    from pathlib import Path

    file = Path(name)
    if file.exists():
        message = "container ID file found, make sure the other container isn't running"
        raise UsageError(f"{message} or delete {name}")
    if not file.parent.is_dir():
        message = f"open {name}: no such file or directory"
        raise UsageError(f"failed to create the container ID file: {message}")
    return file


def _dns_warnings(servers: list[str]) -> list[str]:
    import ipaddress

    local = next((server for server in servers if ipaddress.ip_address(server).is_loopback), None)
    return [f"Localhost DNS ({local}) may fail in containers."] if local else []


def _pull(flags: CreateFlags, engine: Engine) -> Any:
    from docker_magics.commands.image.pull import ImagePull

    image = _image(flags)
    pull = ImagePull(
        all_tags=False,
        reference=image.tagged.familiar if image else flags.image,
        platform=flags.platform,
        quiet=flags.quiet,
    )
    pull.terminal = flags.terminal
    progress = pull.run(engine)
    progress.on_stdout = False  # that is the container's
    return progress
