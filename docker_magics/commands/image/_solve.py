"""A build as BuildKit's control API takes it, with all that /build has no parameters for.

source: docker/buildx, build/opt.go: toSolveOpt, loadInputs; moby/buildkit, client/solve.go.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from docker_magics.cli.flag_types.resources import by_name
from docker_magics.cli.flag_types.texts import mapping
from docker_magics.commands._platform import chosen_platform
from docker_magics.engine.build_context import BuildContext
from docker_magics.engine.buildkit.content import ContentStore
from docker_magics.engine.buildkit.control import Entry, SolveRequest, Worker
from docker_magics.engine.buildkit.session import BuildSession
from docker_magics.errors import UsageError

from ._build_flags import BuildFlags
from ._caches import Cache
from ._outputs import Export, Output
from ._secrets import readers
from ._ssh import sockets

_OCI_LAYOUT = "oci-layout://"
#: The label with the address of `host-gateway`.
_GATEWAY = "org.mobyproject.buildkit.worker.moby.host-gateway-ip"


@dataclass(frozen=True)
class Sources:
    """The context of a build, and its labels.

    Attributes:
        context: the build context, or None if the engine fetches `remote`.
        remote: the URL of the context, that of a tar too, "" for a local one.
        labels: the labels of the image.
    """

    context: BuildContext | None
    remote: str
    labels: Mapping[str, str]


def check_store(flags: BuildFlags, outputs: Sequence[Output], worker: Worker) -> None:
    """Reject what needs containerd's image store, if the engine has the classic one.

    Raises:
        UsageError: a flag needs the other store.

    source: docker/buildx, build/utils.go: notSupported, driver/docker/driver.go: Features.
    """
    if worker.has_containerd_store:
        return
    indexes = [name for name, _ in flags.annotation if name.startswith("annotation-index")]
    if indexes and any(output.is_image for output in outputs):
        raise UsageError("index annotations not supported for single platform export")
    needs = {
        "Cache export": any(cache.kind != "inline" for cache in flags.cache_to),
        "Attestation": any(value is not None for value in flags.attestations.values()),
        "Multi-platform build": "," in flags.platform,
        "OCI exporter (tar=false)": any(output.is_layout for output in outputs),
    }
    for feature in filter(needs.get, needs):
        raise UsageError(
            f"{feature} is not supported for the docker driver: the engine has the classic store",
            hint="Turn on the containerd image store of the engine, and try again.",
        )


def exporters(
    flags: BuildFlags, outputs: Sequence[Output], worker: Worker, exports: Mapping[Output, Export]
) -> list[tuple[Entry, Export | None]]:
    """Return what becomes of the result: an exporter for each output, with the file that it sends.

    `cacheonly` has none.

    Args:
        flags: the build.
        outputs: its outputs.
        worker: what builds.
        exports: the files of outputs that send one.
    """
    annotations = dict(flags.annotation)
    results: list[tuple[Entry, Export | None]] = []
    for output in outputs:
        settings = dict(output.attributes) | annotations
        if output.is_image and flags.tags:
            settings["name"] = ",".join(flags.tags)
        if output in exports:
            kind = output.kind if output.is_image else "tar"  # a folder is unpacked from a tar
            results.append((Entry(kind, settings), exports[output]))
        elif output.is_layout:
            results.append((Entry(output.kind, settings), None))
        elif output.is_image:
            pushes = output.pushes and worker.has_containerd_store
            results.append((Entry("moby", settings | ({"push": "true"} if pushes else {})), None))
    return results


def attributes(flags: BuildFlags, sources: Sources, worker: Worker) -> dict[str, str]:
    """Return the settings of the Dockerfile frontend.

    Raises:
        UsageError: a setting is not supported.
    """
    settings = {
        "filename": sources.context.dockerfile if sources.context else flags.file or "Dockerfile",
        "image-resolve-mode": "pull" if flags.pull else "local",
        "context": sources.remote,
        "target": flags.target,
        "platform": chosen_platform(flags.platform).lower(),
        "cgroup-parent": flags.cgroup_parent,
        "shm-size": str(flags.shm_size or ""),
        "ulimit": ",".join(_ulimit(limit) for limit in by_name(flags.ulimit)),
        "add-hosts": ",".join(_host(host, worker) for host in flags.add_host),
        "force-network-mode": "" if flags.network == "default" else flags.network,
        "no-cache": ",".join(flags.no_cache_filter),
    }
    settings = {name: value for name, value in settings.items() if value}
    if flags.no_cache:
        settings["no-cache"] = ""
    settings |= {f"build-arg:{name}": value for name, value in mapping(flags.build_arg).items()}
    settings |= {f"label:{name}": value for name, value in sources.labels.items()}
    settings |= _attestations(flags, worker)
    return settings | _contexts(flags)


def _attestations(flags: BuildFlags, worker: Worker) -> dict[str, str]:
    """Return the attestations; as with buildx, by default that of the provenance, inline only."""
    if not worker.has_containerd_store:
        return {}
    wanted = {"provenance": "mode=min,inline-only=true"} | flags.attestations
    return {f"attest:{kind}": value for kind, value in wanted.items() if value is not None}


def _contexts(flags: BuildFlags) -> dict[str, str]:
    if not flags.build_context:
        return {}
    settings = {"frontend.caps": "moby.buildkit.frontend.contexts+forward"}
    for context in flags.build_context:
        location = context.location or f"docker-image://{context.image}"
        if context.folder:
            location = f"local:{context.name}"
        if context.location.startswith(_OCI_LAYOUT):
            _, tag, digest = _layout(context.location)
            location = f"{_OCI_LAYOUT}{context.name}:{tag}@{digest}"
        settings[f"context:{context.name}"] = location
    return settings


def _ulimit(limit: Mapping[str, object]) -> str:
    return f"{limit['Name']}={limit['Soft']}:{limit['Hard']}"


def _host(text: str, worker: Worker) -> str:
    """`host:ip` -> `host=ip`; `host-gateway` is the worker's address of it."""
    host, _, address = text.partition(":")
    return f"{host}={worker.labels.get(_GATEWAY, '') if address == 'host-gateway' else address}"


def _layout(location: str) -> tuple[Path, str, str]:
    """Return the folder of `oci-layout://FOLDER[:TAG][@DIGEST]`, its tag, and its digest.

    Raises:
        UsageError: the folder has no such image.
    """
    rest, _, digest = location.removeprefix(_OCI_LAYOUT).partition("@")
    folder, _, tag = rest.rpartition(":") if ":" in Path(rest).name else (rest, "", "")
    path = Path(folder).expanduser()
    store = ContentStore(path)
    digest = digest or store.find(tag or "latest") or store.only() or ""
    if not digest:
        raise UsageError(f"cannot use {location}: the folder has no such image in its index.json")
    return path, tag or "latest", digest


def session_of(
    flags: BuildFlags,
    sources: Sources,
    files: Sequence[BinaryIO | None],
    stores: Mapping[str, ContentStore],
) -> BuildSession:
    """Return the session that serves files, secrets and credentials to BuildKit.

    Args:
        flags: the build.
        sources: what it reads.
        files: the file of each exporter.
        stores: the folders of local caches, by ID.

    Raises:
        UsageError: a folder, a secret's file or an SSH agent does not exist.
    """
    layouts = {
        f"oci:{context.name}": ContentStore(_layout(context.location)[0])
        for context in flags.build_context
        if context.location.startswith(_OCI_LAYOUT)
    }
    folders = {
        context.name: BuildContext(_folder(context.folder))
        for context in flags.build_context
        if context.folder
    }
    return BuildSession(
        readers(flags.secret),
        sources.context or (BuildContext(None) if folders else None),
        exported=files,
        agents=sockets(flags.ssh),
        folders=folders,
        stores={**stores, **layouts},
    )


def _folder(name: str) -> Path:
    folder = Path(name).expanduser()
    if not folder.is_dir():
        raise UsageError(f"cannot use the build context {name}: not a folder")
    return folder


def local_stores(caches: Iterable[Cache], key: str) -> dict[str, tuple[ContentStore, str]]:
    """Return the folders of local caches, and their tags, by the ID of the folder.

    Args:
        caches: sources or destinations.
        key: the attribute with the folder: `src` or `dest`.
    """
    return {
        f"local:{cache.attributes[key]}": (
            ContentStore(Path(cache.attributes[key]).expanduser()),
            cache.tag,
        )
        for cache in caches
        if cache.kind == "local"
    }


def missing_caches(caches: Iterable[Cache]) -> list[str]:
    """Return the folders of local sources that have no cache of the tag."""
    stores = local_stores(caches, "src").items()
    missing = [name for name, (store, tag) in stores if not store.find(tag)]
    return [name.removeprefix("local:") for name in missing]


def _imports(caches: Iterable[Cache]) -> Iterator[Entry]:
    """Yield the sources of a build's cache, but local ones that do not exist.

    The digest of a local cache is read from its index.
    """
    for cache in caches:
        settings = dict(cache.attributes)
        if cache.kind == "local":
            store = ContentStore(Path(settings["src"]).expanduser())
            settings["digest"] = settings.get("digest") or store.find(cache.tag) or ""
            if not settings["digest"]:
                continue
        yield Entry(cache.kind, settings)


def request_of(
    flags: BuildFlags,
    sources: Sources,
    worker: Worker,
    results: Sequence[Entry],
    session: str,
) -> SolveRequest:
    """Return the request.

    Args:
        flags: the build.
        sources: what it reads.
        worker: what builds.
        results: its exporters.
        session: the ID of its session, which becomes the build's.

    Raises:
        UsageError: a flag is not supported.
    """
    cache_from = list(_imports(flags.cache_from))
    settings = attributes(flags, sources, worker)
    if cache_from:  # the frontend reads them too
        listed = [{"Type": entry.kind, "Attrs": entry.attributes} for entry in cache_from]
        settings["cache-imports"] = json.dumps(listed, separators=(",", ":"))
    cache_to = [Entry(cache.kind, cache.attributes) for cache in flags.cache_to]
    if settings.get("build-arg:BUILDKIT_INLINE_CACHE") == "1":
        cache_to.append(Entry("inline"))
    hosts = ["network.host"] if flags.network == "host" else []
    allowed = list(dict.fromkeys([*flags.allow, *hosts]))
    return SolveRequest(session, session, settings, results, cache_to, cache_from, allowed)
