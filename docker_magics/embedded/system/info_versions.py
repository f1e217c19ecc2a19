"""What the description of the engine has for clients of older API versions.

source: moby api/server/router/system/system_routes.go: getInfo.
"""

from __future__ import annotations

from typing import Any

_COMMITS = ("ContainerdCommit", "RuncCommit", "InitCommit")
#: What older versions had, and dockerd leaves empty.
_BRIDGE_FILTERS = {"BridgeNfIptables": False, "BridgeNfIp6tables": False}
_NONDISTRIBUTABLE = {
    "AllowNondistributableArtifactsCIDRs": None,
    "AllowNondistributableArtifactsHostnames": None,
}


def adapt(info: dict[str, Any], version: tuple[int, int]) -> dict[str, Any]:
    """Return the API's SystemInfo as it was in a version of the API.

    Args:
        info: the current one.
        version: the client's.
    """
    adapted = dict(info)
    if version < (1, 25):
        names = [
            option.removeprefix("name=").partition(",")[0] for option in info["SecurityOptions"]
        ]
        adapted |= {"SecurityOptions": names, "ExecutionDriver": "<not supported>"}
    if version < (1, 49):
        adapted |= {name: {**info[name], "Expected": info[name]["ID"]} for name in _COMMITS}
        adapted["RegistryConfig"] = _NONDISTRIBUTABLE | info["RegistryConfig"]
    if version < (1, 50):
        adapted |= _BRIDGE_FILTERS
    return adapted
