"""The API's images that come from a registry or go to one, and imports.

source: Engine API, "Image", "Distribution".
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from ...wire.tarstream import Readable
from ..api.messages import Json, Request, Stream, json_stream
from ..api.router import Route
from ..errors import BadParameter
from ..images import platforms, references
from ..images.importer import ImageImporter
from ..images.store import ImageStore
from .cancellation import Cancellation, result_of
from .credentials import Credentials, from_header
from .progress import Message
from .search import search
from .service import Registries
from .web import download


class RegistryRoutes:
    """Answers requests about images in registries, and imports.

    Args:
        registries: pulls and pushes.
        store: the images.
        importer: imports archives of files, which may come from the web.
        tmp: a folder for temporary files.
    """

    def __init__(
        self, registries: Registries, store: ImageStore, importer: ImageImporter, tmp: Path
    ) -> None:
        self._registries = registries
        self._store = store
        self._importer = importer
        self._tmp = tmp

    def table(self) -> list[Route]:
        """Return the routes."""
        return [
            Route("GET", "/images/search", self.search_images),
            Route("POST", "/images/create", self.create_image),
            Route("POST", "/images/{name:.*}/push", self.push_image),
            Route("GET", "/distribution/{name:.*}/json", self.inspect_distribution),
        ]

    def search_images(self, request: Request) -> Json:
        """ImageSearch."""
        limit = request.number("limit", 25)
        credentials = _credentials(request)
        return Json(search(request.get("term"), limit, request.filters(), credentials))

    def create_image(self, request: Request) -> Stream:
        """ImageCreate: a pull with `fromImage`, an import with `fromSrc`."""
        if request.get("fromImage"):
            return self._pull(request)
        if request.get("fromSrc"):
            return json_stream(self._import(request), request.peer)
        raise BadParameter("neither fromImage nor fromSrc was given")

    def _pull(self, request: Request) -> Stream:
        name = request.get("fromImage").removesuffix(":")  # old clients ask so for all tags
        reference = references.read(name, request.get("tag"))
        platform = request.get("platform") if request.version >= (1, 32) else ""
        messages = self._registries.pull(
            reference,
            _credentials(request),
            platforms.parse_platform(platform) if platform else None,
            all_tags=not reference.tag and not reference.digest,
        )
        return json_stream(messages, request.peer)

    def _import(self, request: Request) -> Iterator[Message | None]:
        source = request.get("fromSrc")
        name = references.of_new_image(request.get("repo"), request.get("tag"), "import")
        with contextlib.ExitStack() as stack:
            archive: Readable = request.body
            if source != "-":
                url = source if "://" in source else f"http://{source}"
                cancellation = Cancellation()
                downloading = download(url, self._tmp, cancellation)
                downloaded = yield from result_of(
                    lambda: stack.enter_context(downloading), cancellation
                )
                archive = stack.enter_context(downloaded.open())
                yield {"status": f"Downloading from {url}"}
            image = self._importer.import_image(
                archive,
                message=request.get("message") or f"Imported from {source}",
                changes=request.all("changes"),
                platform=request.get("platform"),
            )
        if name is not None:
            self._store.tag(image, name)
        self._store.publish("import", image)
        yield {"status": image.id}

    def push_image(self, request: Request) -> Stream:
        """ImagePush."""
        reference = references.read(request.params["name"], request.get("tag"))
        if platform := platforms.of_request(request, (1, 46)):
            self._store.resolve(reference.tagged.familiar, platform)
        messages = self._registries.push(reference, _credentials(request))
        return json_stream(messages, request.peer)

    def inspect_distribution(self, request: Request) -> Json:
        """DistributionInspect."""
        reference = references.read(request.params["name"]).tagged
        return Json(self._registries.inspect(reference, _credentials(request)))


def _credentials(request: Request) -> Credentials:
    return from_header(request.headers.get("x-registry-auth", ""))
