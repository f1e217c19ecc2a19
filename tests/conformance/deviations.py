"""Where the engine differs from the Engine API's description, because dockerd does.

Each entry has to be needed: `embedded/test_conformance.py` fails for one that is not.
"""

from __future__ import annotations

#: Fields that are null where the description has another type. In Go they are slices, maps and
#: pointers that are nil, and dockerd answers the same (tests/embedded/cases).
NULL_FIELDS = frozenset({
    "Aliases", "Authorization", "Binds", "BlkioDeviceReadBps", "BlkioDeviceReadIOps",
    "BlkioDeviceWriteBps", "BlkioDeviceWriteIOps", "CachesDeleted", "CapAdd", "CapDrop", "Cmd",
    "Config", "ContainersDeleted", "DNSNames", "DeviceCgroupRules", "DeviceRequests",
    "Entrypoint", "Env", "ExitCode", "ExtraHosts", "GenericResources", "GroupAdd",
    "ImagesDeleted", "Labels", "Links", "MaskedPaths", "MemorySwappiness", "NetworksDeleted",
    "Options", "ReadonlyPaths", "SecurityOpt", "Tags", "Ulimits", "Volumes", "VolumesFrom",
    "Warnings",
})  # fmt: skip

#: Fields that the description does not have -> why they are there.
EXTRA_FIELDS = {
    "VirtualSize": "Docker 20.10 has it, and docker inspect prints it; left out since API 1.44",
    "BuilderSize": "of the disk usage; dockerd left it out in version 23",
    "status": "of events: deprecated in API 1.10, and sent until API 1.52",
    "id": "of events; as status",
    "from": "of events; as status",
}

#: Statuses that the description does not have -> why they are there. Statuses of errors are not
#: listed here: it has the most frequent errors only, and dockerd answers many others.
STATUSES = {"POST /exec/{id}/start 101": "the answer to Upgrade, as with attach"}

#: Operations and statuses that a test of this engine cannot see -> why.
UNSEEN = {
    "GET /images/search 200": "needs Docker Hub",
    "GET /containers/{id}/attach/ws 200": "a WebSocket begins with 101",
    "POST /auth 204": "a login with a registry answers 200",
    "POST /session 101": "the engine has no BuildKit: 404",
    "PUT /volumes/{name} 200": "the engine has no swarms: 503",
}
