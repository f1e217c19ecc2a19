"""The images that steps start from or take files from: of the store, a registry or a stage."""

from __future__ import annotations

import contextlib

from ..errors import BadParameter, NotFound, prefixed
from ..images import references
from ..images.image import Image
from ..images.platforms import Platform
from ..images.store import ImageStore
from ..registry.credentials import Credentials
from .messages import MessagesThen, Output
from .options import BuildOptions
from .parts import Pull
from .stages import Stages


class BaseImages:
    """Finds the images of FROM, `COPY --from` and `RUN --mount=from=`; pulls missing ones.

    Args:
        images: the image store.
        pull: pulls an image.
        options: the build's.
        stages: the build's.
        output: receives the progress of pulls.
    """

    def __init__(
        self, images: ImageStore, pull: Pull, options: BuildOptions, stages: Stages, output: Output
    ) -> None:
        self._images = images
        self._pull = pull
        self._options = options
        self._stages = stages
        self._output = output

    def base(self, name: str, platform: Platform | None) -> MessagesThen[Image | None]:
        """Find what FROM names: an earlier stage or an image; None for `scratch`.

        Raises:
            NotFound: no such image.
        """
        if name == "scratch":
            return None
        stage = self._stages.find(name)
        return stage.image if stage else (yield from self._image(name, platform))

    def source(self, name: str) -> MessagesThen[Image | None]:
        """Find what a flag `from` names: an earlier stage or an image; None for empty files.

        Raises:
            BadParameter: the current stage, or the number of a stage that does not exist.
            NotFound: no such image.
        """
        with prefixed(f"invalid from flag value {name}"):
            return (yield from self._source(name))

    def _source(self, name: str) -> MessagesThen[Image | None]:
        stage = self._stages.find(name)
        if stage is self._stages.current:
            raise BadParameter("refers to current build stage")
        if stage is not None:
            return stage.image
        if name.isdecimal():
            raise BadParameter("index out of bounds")
        return (yield from self._image(name, None))

    def _image(self, name: str, platform: Platform | None) -> MessagesThen[Image]:
        if not self._options.pull:
            with contextlib.suppress(NotFound):
                return self._images.resolve(name, platform)
        reference = references.read(name).tagged
        credentials = self._options.credentials.get(reference.domain, Credentials())
        yield from self._output.progress(self._pull(reference, credentials, platform))
        return self._images.resolve(name, platform)
