"""The line of `docker build` of a target.

source: docker/buildx, bake/bake.go: toBuildOpt.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

from docker_magics.errors import UsageError

from ._bake_targets import BOOLEANS, CWD, REMOTE, Target

_OPTIONS = {
    "annotations": "annotation",
    "attest": "attest",
    "cache-from": "cache-from",
    "cache-to": "cache-to",
    "call": "call",
    "network": "network",
    "no-cache-filter": "no-cache-filter",
    "output": "output",
    "secret": "secret",
    "shm-size": "shm-size",
    "ssh": "ssh",
    "tags": "tag",
    "target": "target",
    "ulimits": "ulimit",
}
_PAIRS = (
    ("args", "build-arg", "="),
    ("contexts", "build-context", "="),
    ("extra-hosts", "add-host", "="),
    ("labels", "label", "="),
)


def build_line(target: Target) -> list[str]:
    """Return the arguments of `docker build`.

    Raises:
        UsageError: the context or the Dockerfile is standard input.
    """
    context = target["context"].removeprefix(CWD)
    if "-" in {context, target["dockerfile"]}:
        raise UsageError("context from stdin not allowed in bake")
    line: list[str] = []
    for key, option in _OPTIONS.items():
        value = target.get(key)
        values = value if isinstance(value, list) else [value] if value else []
        line += [f"--{option}={_argument(key, item)}" for item in values]
    for key, option, sign in _PAIRS:
        line += [f"--{option}={name}{sign}{text}" for name, text in target.get(key, {}).items()]
    line += [f"--{key}" for key in sorted(BOOLEANS) if target.get(key)]
    if platforms := target.get("platforms"):
        line.append(f"--platform={','.join(platforms)}")
    if not target.get("dockerfile-inline"):
        line.append(f"--file={_dockerfile(context, target['dockerfile'])}")
    return [*line, context]


def _argument(key: str, item: Any) -> str:
    if not isinstance(item, Mapping):
        return str(item)
    if key == "ssh":
        return "=".join(filter(None, (item["id"], item.get("paths", ""))))
    return ",".join(f"{name}={text}" for name, text in item.items())


def _dockerfile(context: str, name: str) -> str:
    if context.startswith(REMOTE) or name.startswith(CWD):
        return name.removeprefix(CWD)
    return str(PurePosixPath(context, name))
