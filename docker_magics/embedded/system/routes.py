"""The API's system calls, and answers about what this engine is not: a swarm, plugins.

source: Engine API, "System", "Swarm", "Plugin"; moby api/server/router/system, cluster.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import clock
from ..api.messages import Json, Request, Stream, Text, json_lines
from ..api.router import EngineRoute
from ..errors import NO_SWARM, BadParameter, NotFound, Unavailable
from ..filtering import refuse_unknown
from ..registry.credentials import from_json
from . import df, info

if TYPE_CHECKING:
    from ..engine import Engine

#: What the CLI builds with: 1 is the classic builder.
_BUILDER = "1"


def ping(_engine: Engine, request: Request) -> Text:
    """SystemPing."""
    headers = {
        "Builder-Version": _BUILDER,
        "Cache-Control": "no-cache, no-store, must-revalidate",
        "Pragma": "no-cache",
        "Swarm": "inactive",
    }
    return Text("" if request.method == "HEAD" else "OK", headers=headers)


def version(engine: Engine, _request: Request) -> Json:
    """SystemVersion."""
    return Json(info.version(engine))


def about(engine: Engine, _request: Request) -> Json:
    """SystemInfo."""
    return Json(info.info(engine))


def events(engine: Engine, request: Request) -> Stream:
    """SystemEvents."""
    since, until = (_time(request.get(name)) for name in ("since", "until"))
    if since is not None and until is not None and since > until:
        asked = [request.get(name) for name in ("since", "until")]
        raise BadParameter("`since` time ({}) cannot be after `until` time ({})".format(*asked))
    feed = engine.events.subscribe(since, until, request.filters())
    return Stream(json_lines(feed))


def _time(text: str) -> int | None:
    return clock.since(text) if text else None


def disk(engine: Engine, request: Request) -> Json:
    """SystemDataUsage."""
    kinds = request.all("type")
    for kind in kinds:
        if kind not in {"container", "image", "volume", "build-cache"}:
            raise BadParameter(f"unknown object type: {kind}")
    return Json(df.usage(engine, kinds, old=request.version < (1, 43)))


def login(engine: Engine, request: Request) -> Json:
    """SystemAuth."""
    return Json(engine.registries.log_in(from_json(request.json())))


def no_swarm(_engine: Engine, _request: Request) -> Json:
    """Refuse what managers of a swarm alone can do."""
    raise Unavailable(NO_SWARM)


def leave(_engine: Engine, _request: Request) -> Json:
    """SwarmLeave."""
    raise Unavailable("This node is not part of a swarm")


def init(_engine: Engine, _request: Request) -> Json:
    """SwarmInit, SwarmJoin."""
    raise Unavailable("the embedded engine has no swarms: use Docker Engine for those")


def plugins(_engine: Engine, request: Request) -> Json:
    """PluginList: there are none."""
    refuse_unknown(request.filters(), {"enabled", "capability"})
    return Json([])


def no_plugin(_engine: Engine, request: Request) -> Json:
    """Refuse what is about one plugin."""
    name, slash, verb = request.params["name"].rpartition("/")
    if not slash or verb not in {"json", "enable", "disable", "set", "push", "upgrade"}:
        name = request.params["name"]
    raise NotFound(f'plugin "{name}" not found')


def no_plugins(_engine: Engine, _request: Request) -> Json:
    """A plugin that is to be made or fetched: this engine runs none."""
    raise Unavailable("the embedded engine has no plugins: use Docker Engine for those")


def _swarm() -> list[EngineRoute]:
    kinds = ("services", "tasks", "nodes", "secrets", "configs")
    routes = [
        EngineRoute("GET", "/swarm", no_swarm),
        EngineRoute("POST", "/swarm/init", init),
        EngineRoute("POST", "/swarm/join", init),
        EngineRoute("POST", "/swarm/leave", leave),
        EngineRoute("POST", "/swarm/{rest:.*}", no_swarm),
        EngineRoute("GET", "/swarm/unlockkey", no_swarm),
    ]
    for kind in kinds:
        routes.append(EngineRoute("GET", f"/{kind}", no_swarm))
        routes += [
            EngineRoute(m, f"/{kind}/{{rest:.*}}", no_swarm) for m in ("GET", "POST", "DELETE")
        ]
    return routes


ROUTES = [
    EngineRoute("GET", "/_ping", ping),
    EngineRoute("GET", "/version", version),
    EngineRoute("GET", "/info", about),
    EngineRoute("GET", "/events", events),
    EngineRoute("GET", "/system/df", disk),
    EngineRoute("POST", "/auth", login),
    *_swarm(),
    EngineRoute("GET", "/plugins", plugins),
    EngineRoute("POST", "/plugins/create", no_plugins),
    EngineRoute("POST", "/plugins/pull", no_plugins),
    EngineRoute("GET", "/plugins/privileges", no_plugins),
    *(EngineRoute(method, "/plugins/{name:.*}", no_plugin) for method in ("GET", "POST", "DELETE")),
]
