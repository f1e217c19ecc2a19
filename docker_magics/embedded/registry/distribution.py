"""What a registry says of an image, without pulling it.

source: Engine API, DistributionInspect; moby distribution/.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ..errors import Unauthorized
from .client import Registry
from .manifests import fetch, scope_of

if TYPE_CHECKING:
    from ...wire.reference import Reference
    from ..engine import Engine
    from .credentials import Credentials


def inspect(engine: Engine, reference: Reference, credentials: Credentials) -> dict[str, Any]:
    """The API's DistributionInspect.

    Raises:
        NotFound: there is no such image.
        Unauthorized: it may not be had.
    """
    registry = Registry(reference.domain, credentials, engine.state.root)
    manifest = fetch(registry, reference, reference.digest or reference.tag or "latest")
    descriptor = {
        "mediaType": manifest.kind,
        "digest": manifest.digest,
        "size": manifest.size,
    }
    if manifest.is_list:
        platforms = [each.get("platform") or {} for each in manifest.value["manifests"]]
        return {"Descriptor": descriptor, "Platforms": platforms}
    path = f"/v2/{reference.path}/blobs/{manifest.value['config']['digest']}"
    with registry.get(path, scope=scope_of(reference, "pull")) as answer:
        config = json.loads(answer.read(8 << 20))
    platform = {key: config.get(key) for key in ("architecture", "os", "variant")}
    return {
        "Descriptor": descriptor,
        "Platforms": [{key: value for key, value in platform.items() if value}],
    }


def login(engine: Engine, credentials: Credentials) -> dict[str, str]:
    """The API's answer to a login.

    Raises:
        Unauthorized: the registry does not know the user.
        ApiError: it does not answer.
    """
    server = credentials.server or "docker.io"
    domain = server.split("//")[-1].split("/")[0]
    if domain in {"index.docker.io", "registry-1.docker.io"}:
        domain = "docker.io"
    try:
        Registry(domain, credentials, engine.state.root).check()
    except Unauthorized as fault:
        url = f"http://{domain}/v2/"
        words = f'Get "{url}": unauthorized: incorrect username or password'
        raise Unauthorized(words) from fault
    return {"Status": "Login Succeeded", "IdentityToken": ""}
