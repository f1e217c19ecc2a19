"""The API's images that are in the store. source: Engine API, "Image"."""

from __future__ import annotations

from ..api.maps import sort_maps
from ..api.messages import Empty, Json, Request, Stream, json_lines, with_error
from ..api.router import Route
from ..errors import BadParameter, NotFound
from . import details, listing, manifest, platforms, references
from .loader import ImageLoader
from .removal import ImageRemoval
from .saver import ImageSaver
from .store import ImageStore

_TAR = "application/x-tar"


class ImageRoutes:
    """Answers requests about images of the store; registry/routes.py has those of a registry.

    Args:
        store: the images.
        removal, saver, loader: act on them.
    """

    def __init__(
        self, store: ImageStore, removal: ImageRemoval, saver: ImageSaver, loader: ImageLoader
    ) -> None:
        self._store = store
        self._removal = removal
        self._saver = saver
        self._loader = loader

    def table(self) -> list[Route]:
        """Return the routes."""
        return [
            Route("GET", "/images/json", self.list_images),
            Route("GET", "/images/get", self.save_images),
            Route("POST", "/images/load", self.load_images),
            Route("POST", "/images/prune", self.prune_images),
            Route("GET", "/images/{name:.*}/json", self.inspect_image),
            Route("GET", "/images/{name:.*}/history", self.image_history),
            Route("GET", "/images/{name:.*}/get", self.save_image),
            Route("POST", "/images/{name:.*}/tag", self.tag_image),
            Route("DELETE", "/images/{name:.*}", self.delete_image),
        ]

    def list_images(self, request: Request) -> Json:
        """ImageList."""
        store = self._store
        filters = request.filters()
        if request.version < (1, 41) and request.get("filter"):
            filters.setdefault("reference", []).append(request.get("filter"))
        shared = request.flag("shared-size")
        detailed = request.flag("manifests") and request.version >= (1, 47)
        counted = detailed or request.version >= (1, 51)
        summaries = []
        for image in listing.find(store, filters, intermediate=request.flag("all")):
            users = store.users(image) if counted else None
            summary = listing.summary(
                store,
                image,
                old=request.version < (1, 43),
                wanted=filters.get("reference"),
                shared=listing.shared_size(store, image) if shared else -1,
                users=-1 if users is None else len(users),
            )
            if detailed:
                summary["Manifests"] = manifest.summaries(store, image)
            summaries.append(summary)
        return Json(summaries)

    def inspect_image(self, request: Request) -> Json:
        """ImageInspect."""
        name = request.params["name"]
        platform = platforms.of_request(request, (1, 49))
        detailed = request.flag("manifests") and request.version >= (1, 48)
        if detailed and platform is not None:
            raise BadParameter(
                "conflicting options: manifests and platform options cannot both be set"
            )
        try:
            image = self._store.resolve(name, platform)
        except (NotFound, BadParameter) as error:
            raise type(error)(f"no such image: {name}: {error}") from error
        answer = details.inspect_image(self._store, image, old=request.version < (1, 50))
        if detailed:
            answer["Manifests"] = manifest.summaries(self._store, image)
        return Json(sort_maps(answer))

    def image_history(self, request: Request) -> Json:
        """ImageHistory."""
        platform = platforms.of_request(request, (1, 48))
        image = self._store.resolve(request.params["name"], platform)
        return Json(details.image_history(self._store, image))

    def tag_image(self, request: Request) -> Empty:
        """ImageTag."""
        image = self._store.resolve(request.params["name"])
        reference = references.read(request.get("repo"), request.get("tag"))
        if reference.digest:
            raise BadParameter("refusing to create a tag with a digest reference")
        self._store.tag(image, reference.tagged)
        return Empty(201)

    def delete_image(self, request: Request) -> Json:
        """ImageDelete."""
        name, wanted = request.params["name"], request.all("platforms")
        if wanted and request.version >= (1, 50):
            if len(wanted) > 1:
                raise BadParameter("multiple platforms are not supported")
            self._store.resolve(name, platforms.decode_platform(wanted[0]))
        force, prune = request.flag("force"), not request.flag("noprune")
        return Json(self._removal.remove(name, force=force, prune=prune))

    def prune_images(self, request: Request) -> Json:
        """ImagePrune."""
        return Json(self._removal.prune(request.filters()))

    def save_image(self, request: Request) -> Stream:
        """ImageGet."""
        platform = platforms.of_request(request, (1, 48))
        return Stream(self._saver.save([request.params["name"]], platform), _TAR)

    def save_images(self, request: Request) -> Stream:
        """ImageGetAll."""
        names = [name for value in request.all("names") for name in value.split(",")]
        return Stream(self._saver.save(names, platforms.of_request(request, (1, 48))), _TAR)

    def load_images(self, request: Request) -> Stream:
        """ImageLoad."""
        platform = platforms.of_request(request, (1, 48))
        messages = self._loader.load(request.body, platform, quiet=request.flag("quiet"))
        return Stream(list(json_lines(with_error(messages))))
