"""What the engine does with registries: pull, push, inspect, log in.

source: Engine API, ImageCreate, ImagePush, DistributionInspect, SystemAuth.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ...wire.reference import Reference
from ..errors import Unauthorized
from ..images.platforms import Platform
from ..images.store import ImageStore
from . import configuration, distribution, pull, push
from .cancellation import in_background
from .client import Registry
from .credentials import Credentials
from .progress import Message

_HUB_DOMAINS = {"index.docker.io", "registry-1.docker.io"}


class Registries:
    """The registries that images come from and go to.

    Args:
        store: the images.
        root: the engine's folder, which may have a configuration (configuration.py).
        tmp: a folder for temporary files.
    """

    def __init__(self, store: ImageStore, root: Path, tmp: Path) -> None:
        self._store = store
        self._root = root
        self._tmp = tmp

    def pull(
        self,
        reference: Reference,
        credentials: Credentials,
        platform: Platform | None,
        *,
        all_tags: bool = False,
    ) -> Iterator[Message | None]:
        """Pull an image, or all tags of a repository; yield the API's messages.

        None is yielded now and then; a caller that closes the iterator cancels the pull.

        Args:
            reference: the image; its tag is `latest` where it has none.
            credentials: the user's.
            platform: the one to pull; None for this machine's.
            all_tags: pull every tag of the repository.

        Raises:
            BadParameter: the reserved name `scratch`.
            NotFound: no such image, or the user may not have it.
            ApiError: the registry does not answer, or sends invalid data.
        """
        registry = self._connect(reference.domain, credentials)
        messages = pull.pull(self._store, registry, reference, platform, all_tags=all_tags)
        yield from in_background(messages, registry.cancellation)

    def push(self, reference: Reference, credentials: Credentials) -> Iterator[Message | None]:
        """Push an image, or all tags of a repository; yield the API's messages, as `pull` does.

        Raises:
            NotFound: no such image.
            ApiError: the registry refuses, or does not answer.
        """
        registry = self._connect(reference.domain, credentials)
        messages = push.push(self._store, registry, reference, self._tmp)
        yield from in_background(messages, registry.cancellation)

    def inspect(
        self, reference: Reference, credentials: Credentials
    ) -> distribution.DistributionInspect:
        """Return the API's DistributionInspect.

        Raises:
            NotFound: no such image.
            Unauthorized: the user may not see it.
            ApiError: the registry does not answer.
        """
        return distribution.inspect_remote(self._connect(reference.domain, credentials), reference)

    def log_in(self, credentials: Credentials) -> dict[str, str]:
        """Check credentials with their server, and return the API's answer of SystemAuth.

        Raises:
            Unauthorized: the registry refuses the user.
            ApiError: it does not answer.
        """
        server = credentials.server or "docker.io"
        domain = server.split("//")[-1].split("/")[0]
        if domain in _HUB_DOMAINS:
            domain = "docker.io"
        try:
            self._connect(domain, credentials).check()
        except Unauthorized as error:
            raise Unauthorized(
                f'Get "http://{domain}/v2/": unauthorized: incorrect username or password'
            ) from error
        return {"Status": "Login Succeeded", "IdentityToken": ""}

    def _connect(self, domain: str, credentials: Credentials) -> Registry:
        return Registry(domain, credentials, configuration.read(self._root))
