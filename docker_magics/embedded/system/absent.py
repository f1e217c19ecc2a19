"""Answers about what this engine does not have: swarms and plugins.

source: Engine API, "Swarm", "Plugin"; moby api/server/router/swarm, plugin.
"""

from __future__ import annotations

from ..api.messages import Json, Request
from ..api.router import Route
from ..errors import NO_SWARM, NotFound, Unavailable
from ..filtering import refuse_unknown

_METHODS = ("GET", "POST", "DELETE")
_SWARM_OBJECTS = ("services", "tasks", "nodes", "secrets", "configs")
_PLUGIN_VERBS = {"json", "enable", "disable", "set", "push", "upgrade"}


def table() -> list[Route]:
    """Return the routes."""
    return [*_swarm_routes(), *_plugin_routes()]


def _swarm_routes() -> list[Route]:
    routes = [
        Route("GET", "/swarm", refuse_swarm),
        Route("POST", "/swarm/init", refuse_swarm_init),
        Route("POST", "/swarm/join", refuse_swarm_init),
        Route("POST", "/swarm/leave", refuse_swarm_leave),
        Route("POST", "/swarm/{rest:.*}", refuse_swarm),
        Route("GET", "/swarm/unlockkey", refuse_swarm),
    ]
    for name in _SWARM_OBJECTS:
        routes.append(Route("GET", f"/{name}", refuse_swarm))
        routes += [Route(method, f"/{name}/{{rest:.*}}", refuse_swarm) for method in _METHODS]
    return routes


def _plugin_routes() -> list[Route]:
    return [
        Route("GET", "/plugins", list_plugins),
        Route("POST", "/plugins/create", refuse_plugins),
        Route("POST", "/plugins/pull", refuse_plugins),
        Route("GET", "/plugins/privileges", refuse_plugins),
        *(Route(method, "/plugins/{name:.*}", refuse_plugin) for method in _METHODS),
    ]


def refuse_swarm(_request: Request) -> Json:
    """Refuse what only a swarm's manager can do."""
    raise Unavailable(NO_SWARM)


def refuse_swarm_leave(_request: Request) -> Json:
    """SwarmLeave."""
    raise Unavailable("This node is not part of a swarm")


def refuse_swarm_init(_request: Request) -> Json:
    """SwarmInit, SwarmJoin."""
    raise Unavailable("the embedded engine has no swarms: use Docker Engine for those")


def list_plugins(request: Request) -> Json:
    """PluginList: always empty."""
    refuse_unknown(request.filters(), {"enabled", "capability"})
    return Json([])


def refuse_plugin(request: Request) -> Json:
    """Refuse a request about one plugin: it does not exist."""
    name, slash, verb = request.params["name"].rpartition("/")
    if not slash or verb not in _PLUGIN_VERBS:
        name = request.params["name"]
    raise NotFound(f'plugin "{name}" not found')


def refuse_plugins(_request: Request) -> Json:
    """Refuse to create or pull a plugin."""
    raise Unavailable("the embedded engine has no plugins: use Docker Engine for those")
