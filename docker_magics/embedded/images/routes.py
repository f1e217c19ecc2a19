"""The API's images. source: Engine API, "Image", "Distribution"."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from ..api.maps import in_order
from ..api.messages import Empty, Json, Request, Stream, json_lines, told, with_error
from ..api.router import EngineRoute
from ..containers import changes
from ..errors import BadParameter, NotFound
from ..registry import distribution, pull, push, search
from ..registry.credentials import from_header
from ..registry.web import fetch
from . import listing, references, remove, transfer
from .image import Platform, parse_platform

if TYPE_CHECKING:
    from ...wire.reference import Reference
    from ..engine import Engine


def ls(engine: Engine, request: Request) -> Json:
    """ImageList."""
    filters = request.filters()
    found = listing.find(engine, filters, every=request.flag("all"))
    shared = request.flag("shared-size")
    return Json(
        [
            listing.summary(
                engine,
                each,
                old=request.version < (1, 43),
                chosen=filters.get("reference"),
                shared=listing.shared_size(engine, each) if shared else -1,
            )
            for each in found
        ]
    )


def inspect(engine: Engine, request: Request) -> Json:
    """ImageInspect."""
    name = request.params["name"]
    try:
        image = engine.images.resolve(name)
    except (NotFound, BadParameter) as fault:
        raise type(fault)(f"no such image: {name}: {fault}") from fault
    return Json(in_order(listing.inspect(engine, image)))


def history(engine: Engine, request: Request) -> Json:
    """ImageHistory."""
    return Json(listing.history(engine, engine.images.resolve(request.params["name"])))


def tag(engine: Engine, request: Request) -> Empty:
    """ImageTag."""
    image = engine.images.resolve(request.params["name"])
    engine.images.tag(image, _reference(request.get("repo"), request.get("tag")))
    return Empty(201)


def _reference(repository: str, tag_: str) -> Reference:
    found = references.read(f"{repository}:{tag_}" if tag_ else repository)
    if found.digest:
        raise BadParameter("refusing to create a tag with a digest reference")
    return found.tagged


def delete(engine: Engine, request: Request) -> Json:
    """ImageDelete."""
    name = request.params["name"]
    force, prune_ = request.flag("force"), not request.flag("noprune")
    return Json(remove.remove(engine, name, force=force, prune=prune_))


def prune(engine: Engine, request: Request) -> Json:
    """ImagePrune."""
    return Json(remove.prune(engine, request.filters()))


def create(engine: Engine, request: Request) -> Stream:
    """ImageCreate: a pull, or an import."""
    if request.get("fromImage"):
        return _pull(engine, request)
    source = request.get("fromSrc")
    if not source:
        raise BadParameter("neither fromImage nor fromSrc was given")
    reference = changes.named(request.get("repo"), request.get("tag"), "import")
    body: Any = request.body
    said = []
    if source != "-":
        address = source if "://" in source else f"http://{source}"
        body = io.BytesIO(fetch(address)[0])
        said.append({"status": f"Downloading from {address}"})
    image = transfer.import_(
        engine,
        body,
        message=request.get("message") or f"Imported from {source}",
        changes=request.all("changes"),
        platform=request.get("platform"),
    )
    if reference is not None:
        engine.images.tag(image, reference)
    engine.images.log("import", image)
    return Stream(json_lines([*said, {"status": image.id}]))


def _pull(engine: Engine, request: Request) -> Stream:
    text, tag_ = request.get("fromImage"), request.get("tag")
    separator = "@" if ":" in tag_ else ":"
    reference = references.read(f"{text}{separator}{tag_}" if tag_ else text)
    platform: Platform | None = None
    if request.get("platform"):
        platform = parse_platform(request.get("platform"))
    credentials = from_header(request.headers.get("x-registry-auth", ""))
    whole = not reference.tag and not reference.digest
    messages = pull.pull(engine, reference, credentials, platform, every=whole)
    return told(messages)


def push_(engine: Engine, request: Request) -> Stream:
    """ImagePush."""
    text, tag_ = request.params["name"], request.get("tag")
    reference = references.read(f"{text}:{tag_}" if tag_ else text)
    credentials = from_header(request.headers.get("x-registry-auth", ""))
    messages = push.push(engine, reference, credentials)
    return told(messages)


def get_one(engine: Engine, request: Request) -> Stream:
    """ImageGet."""
    return Stream(transfer.save(engine, [request.params["name"]]), "application/x-tar")


def get_several(engine: Engine, request: Request) -> Stream:
    """ImageGetAll."""
    wanted = [each for text in request.all("names") for each in text.split(",")]
    return Stream(transfer.save(engine, wanted), "application/x-tar")


def load(engine: Engine, request: Request) -> Stream:
    """ImageLoad."""
    messages = transfer.load(engine, request.body, quiet=request.flag("quiet"))
    return Stream(list(json_lines(with_error(messages))))


def search_(_engine: Engine, request: Request) -> Json:
    """ImageSearch."""
    credentials = from_header(request.headers.get("x-registry-auth", ""))
    limit = request.number("limit", 25)
    return Json(search.search(request.get("term"), limit, request.filters(), credentials))


def distribution_(engine: Engine, request: Request) -> Json:
    """DistributionInspect."""
    reference = references.read(request.params["name"]).tagged
    credentials = from_header(request.headers.get("x-registry-auth", ""))
    return Json(distribution.inspect(engine, reference, credentials))


ROUTES = [
    EngineRoute("GET", "/images/json", ls),
    EngineRoute("GET", "/images/search", search_),
    EngineRoute("GET", "/images/get", get_several),
    EngineRoute("POST", "/images/create", create),
    EngineRoute("POST", "/images/load", load),
    EngineRoute("POST", "/images/prune", prune),
    EngineRoute("GET", "/images/{name:.*}/json", inspect),
    EngineRoute("GET", "/images/{name:.*}/history", history),
    EngineRoute("GET", "/images/{name:.*}/get", get_one),
    EngineRoute("POST", "/images/{name:.*}/tag", tag),
    EngineRoute("POST", "/images/{name:.*}/push", push_),
    EngineRoute("DELETE", "/images/{name:.*}", delete),
    EngineRoute("GET", "/distribution/{name:.*}/json", distribution_),
]
