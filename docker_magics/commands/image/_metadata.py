"""--metadata-file: what the builder says about the result.

source: docs of `docker buildx build --metadata-file`; docker/buildx, commands/build.go:
decodeExporterResponse, build/provenance.go.
"""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from docker_magics.commands._files import replaced
from docker_magics.errors import EngineError
from docker_magics.wire import reference

if TYPE_CHECKING:
    from docker_magics.engine.buildkit.protobuf import Message
    from docker_magics.engine.client import Engine

_IN_TOTO = "application/vnd.in-toto+json"
_PREDICATE_TYPE = "in-toto.io/predicate-type"
_SLSA = "https://slsa.dev/provenance/"
#: The builder and its node in a build's reference: the engine's own.
_BUILDER = "default/default"


def write_metadata(name: str, values: Mapping[str, Any]) -> None:
    """Write the file of --metadata-file.

    Raises:
        UsageError: the file cannot be written.
    """
    text = json.dumps(dict(sorted(values.items())), indent=2)
    with replaced(name) as file:
        file.write(f"{text}\n".encode())


def metadata(tags: Sequence[str], identity: str) -> dict[str, str]:
    """Return the metadata of a build by /build: {} if it made no image.

    Args:
        tags: the image's names.
        identity: the image's ID, "" if the build made no image.
    """
    if not identity:
        return {}
    values = {"containerimage.config.digest": identity, "containerimage.digest": identity}
    names = ",".join(str(reference.parse(tag).tagged) for tag in tags)
    return values | ({"image.name": names} if names else {})


def decoded(response: Mapping[str, str], ref: str) -> dict[str, Any]:
    """Return the metadata of a build by the control API: JSON in base64 becomes a value.

    Args:
        response: what the exporters say.
        ref: the build's ID.
    """
    values = {key: _value(text) for key, text in response.items()}
    return values | {"buildx.build.ref": f"{_BUILDER}/{ref}"}


def _value(text: str) -> Any:
    try:
        value = json.loads(base64.b64decode(text, validate=True))
    except (RecursionError, ValueError):
        return text
    return value if value and isinstance(value, dict | list) else text


def provenance(engine: Engine, ref: str) -> dict[str, Any]:
    """Return the provenance of a build in the engine's history, {} if it has none.

    Of several platforms each has an entry. The variable BUILDX_METADATA_PROVENANCE says how much:
    `min` (by default), `max`, or `disabled`.

    Raises:
        EngineError: it is not a JSON object.
    """
    from docker_magics.engine.buildkit import control
    from docker_magics.engine.buildkit.grpc import CallError

    mode = os.environ.get("BUILDX_METADATA_PROVENANCE", "min").lower()
    if mode in {"disabled", "false", "0"}:
        return {}
    values = {}
    try:
        for record in control.history(engine, ref):
            for platform, result in record.results.items():
                if predicate := provenance_of(engine, result):
                    key = f"buildx.build.provenance{f'/{platform}' if platform else ''}"
                    values[key] = _shortened(predicate, mode)
    except CallError:
        return {}  # the history is off, or its entry is gone
    return values


def _digest_of_provenance(result: Message) -> str:
    """Return the digest of the provenance of a BuildResultInfo, "" if it has none."""
    from docker_magics.engine.buildkit.protobuf import Message

    for attestation in map(Message, result.all(2)):
        kind = attestation.texts(5).get(_PREDICATE_TYPE, "")
        if attestation.text(1) == _IN_TOTO and kind.startswith(_SLSA):
            return attestation.text(2)
    return ""


def provenance_of(engine: Engine, result: Message) -> dict[str, Any]:
    """Return the provenance of a BuildResultInfo, {} if it has none.

    Raises:
        CallError: the engine does not have it any more.
        EngineError: it is not a JSON object.
    """
    from docker_magics.engine.buildkit import control

    digest = _digest_of_provenance(result)
    if not digest:
        return {}
    try:
        return dict(json.loads(control.read_blob(engine, digest)))
    except (RecursionError, TypeError, ValueError) as error:
        raise EngineError("cannot read the build's provenance: it is not a JSON object") from error


def _shortened(predicate: Mapping[str, Any], mode: str) -> dict[str, Any]:
    left_out = () if mode == "max" else ("buildConfig", "metadata")
    return {key: value for key, value in predicate.items() if key not in left_out}
