"""The control API of an engine's BuildKit: builds, workers, history, and the blobs of its results.

source: moby/buildkit, api/services/control/control.proto; frontend/gateway/pb/gateway.proto.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field

from docker_magics.engine.client import Engine

from .call import GrpcCall, answers, begin
from .protobuf import Message, Value, encode

_CONTROL = "/moby.buildkit.v1.Control/"
_FRONTEND = "/moby.buildkit.v1.frontend.LLBBridge/"
_READ = "/containerd.services.content.v1.Content/Read"
#: The metadata that says which build a call of a frontend belongs to.
_BUILD_ID = "buildkit-controlapi-buildid"
#: The label of workers that build into containerd's image store.
_SNAPSHOTTER = "org.mobyproject.buildkit.worker.snapshotter"


@dataclass(frozen=True)
class Entry:
    """An exporter, or a source or destination of caches."""

    kind: str
    attributes: Mapping[str, str] = field(default_factory=dict)

    def encoded(self) -> bytes:
        """Return the message."""
        return encode({1: self.kind, 2: self.attributes})


@dataclass(frozen=True)
class SolveRequest:
    """A build.

    Attributes:
        ref: the build's ID.
        session: the ID of the session that serves its files and secrets.
        attributes: the settings of the Dockerfile frontend.
        exporters: what becomes of the result.
        cache_exports, cache_imports: the destinations and sources of caches.
        entitlements: what the build may do, such as `network.host`.
    """

    ref: str
    session: str
    attributes: Mapping[str, str]
    exporters: Sequence[Entry] = ()
    cache_exports: Sequence[Entry] = ()
    cache_imports: Sequence[Entry] = ()
    entitlements: Sequence[str] = ()

    frontend = "dockerfile.v0"

    def encoded(self) -> bytes:
        """Return the message of a build by the frontend."""
        cache = encode({4: _encoded(self.cache_exports), 5: _encoded(self.cache_imports)})
        fields: dict[int, Value] = {
            1: self.ref,
            5: self.session,
            6: self.frontend,
            7: self.attributes,
            8: cache,
        }
        fields |= {9: list(self.entitlements), 13: _encoded(self.exporters)}
        if self.exporters:  # engines before BuildKit 0.13 read only these
            fields |= {3: self.exporters[0].kind, 4: self.exporters[0].attributes}
        return encode(fields)

    def encoded_question(self) -> bytes:
        """Return the message of a build whose frontend is called by the client; not recorded."""
        return encode({1: self.ref, 5: self.session, 8: b"", 11: 1})


@dataclass(frozen=True)
class GcRule:
    """A rule by which BuildKit removes its cache; sizes in bytes, 0 for no limit.

    Attributes:
        all: whether it removes internal entries too.
        filters: which entries it removes, `type==source.local`.
        keep_duration_ns: how long an unused entry stays, in nanoseconds.
        reserved_space, max_used_space, min_free_space: what stays, at most, and is kept free.
    """

    all: bool
    filters: Sequence[str]
    keep_duration_ns: int
    reserved_space: int
    max_used_space: int
    min_free_space: int


@dataclass(frozen=True)
class Worker:
    """A worker: what builds.

    Attributes:
        labels: its properties.
        platforms: the platforms that it builds for, `linux/amd64`.
        version: BuildKit's version, "" if it is not said.
        gc_rules: when the cache is removed.
    """

    labels: Mapping[str, str]
    platforms: Sequence[str]
    version: str
    gc_rules: Sequence[GcRule] = ()

    @property
    def has_containerd_store(self) -> bool:
        """Whether images are built into containerd's image store."""
        return _SNAPSHOTTER in self.labels


@dataclass(frozen=True)
class Record:
    """A build of the history.

    Attributes:
        ref: the build's ID.
        attributes: the settings of its frontend.
        error: the message of a failed build, "" if it did not fail.
        created, completed: seconds since 1970; `completed` is None while it runs.
        response: what the exporters said.
        results: platform ("" for the only one) -> result.
        cached_steps, total_steps, completed_steps, warnings: counts.
        error_code: gRPC's status code of a failed build.
    """

    ref: str
    attributes: Mapping[str, str]
    error: str
    created: float
    completed: float | None
    response: Mapping[str, str]
    results: Mapping[str, Message]
    cached_steps: int
    total_steps: int
    completed_steps: int
    warnings: int
    error_code: int = 0


def solve(engine: Engine, request: SolveRequest) -> GrpcCall:
    """Begin a build; `solved` reads its end.

    Raises:
        EngineError: the engine has no control API.
    """
    return begin(engine, f"{_CONTROL}Solve", request.encoded())


def solved(call: GrpcCall) -> dict[str, str]:
    """Wait for the end of a build, and return what the exporters say.

    Raises:
        CallError: the build failed.
    """
    try:
        return Message(call.receive() or b"").texts(1)
    finally:
        call.close()


def status(engine: Engine, ref: str) -> Iterator[bytes]:
    """Yield the progress of a build: StatusResponse messages, which `trace` decodes.

    Raises:
        CallError: the build is unknown.
    """
    return answers(engine, f"{_CONTROL}Status", encode({1: ref}))


def ask_frontend(engine: Engine, request: SolveRequest) -> dict[str, str]:
    """Return the frontend's answer to a request with a `requestid`: it lints, or lists targets.

    Raises:
        CallError: the frontend failed, as at an error of the Dockerfile.
    """
    question = encode({2: request.frontend, 3: request.attributes, 5: 1, 6: 1})
    metadata = [(_BUILD_ID, request.ref)]
    with (
        closing(begin(engine, f"{_CONTROL}Solve", request.encoded_question())),
        closing(begin(engine, f"{_FRONTEND}Solve", question, metadata)) as call,
    ):
        result = Message(Message(call.receive() or b"").one(3, b""))
        return result.texts(10)


def workers(engine: Engine) -> list[Worker]:
    """Return the workers of an engine.

    Raises:
        CallError: the call failed.
    """
    [response] = answers(engine, f"{_CONTROL}ListWorkers", b"")
    return [_worker(Message(record)) for record in Message(response).all(1)]


def history(engine: Engine, ref: str = "") -> list[Record]:
    """Return the builds that the engine remembers, or the one of a ref.

    Raises:
        CallError: the call failed.
    """
    request = encode({2: ref, 3: 1})
    events = [Message(event) for event in answers(engine, f"{_CONTROL}ListenBuildHistory", request)]
    return [_record(Message(event.one(2, b""))) for event in events if event.all(2)]


def forget(engine: Engine, ref: str) -> None:
    """Remove a build from the history.

    Raises:
        CallError: the build is unknown.
    """
    list(answers(engine, f"{_CONTROL}UpdateBuildHistory", encode({1: ref, 3: 1})))


def read_blob(engine: Engine, digest: str) -> bytes:
    """Return a blob of the engine's builds.

    Raises:
        CallError: the blob is unknown.
    """
    return b"".join(
        Message(part).one(2, b"") for part in answers(engine, _READ, encode({1: digest}))
    )


def _encoded(entries: Sequence[Entry]) -> list[bytes]:
    return [entry.encoded() for entry in entries]


def _worker(record: Message) -> Worker:
    platforms = [_platform(Message(platform)) for platform in record.all(3)]
    rules = [_gc_rule(Message(rule)) for rule in record.all(4)]
    return Worker(record.texts(2), platforms, Message(record.one(5, b"")).text(2), rules)


def _gc_rule(rule: Message) -> GcRule:
    """Return a rule.

    source: moby/buildkit, api/types/worker.proto: GCPolicy.
    """
    filters = [text.decode(errors="replace") for text in rule.all(4)]
    duration, reserved, used, free = (rule.one(number, 0) for number in (2, 3, 5, 6))
    return GcRule(bool(rule.one(1, 0)), filters, duration, reserved, used, free)


def _platform(platform: Message) -> str:
    """Return `linux/amd64` or `linux/arm/v7`.

    source: moby/buildkit, solver/pb/ops.proto: Platform.
    """
    return "/".join(filter(None, (platform.text(2), platform.text(1), platform.text(3))))


def _record(record: Message) -> Record:
    results = {"": Message(record.one(10, b""))} if record.all(10) else {}
    for entry in map(Message, record.all(11)):
        results[entry.text(1)] = Message(entry.one(2, b""))
    return Record(
        ref=record.text(1),
        attributes=record.texts(3),
        error=Message(record.one(5, b"")).text(2),
        created=record.time(6) or 0.0,
        completed=record.time(7),
        response=record.texts(9),
        results=results,
        cached_steps=record.one(15, 0),
        total_steps=record.one(16, 0),
        completed_steps=record.one(17, 0),
        warnings=record.one(19, 0),
        error_code=Message(record.one(5, b"")).one(1, 0),
    )
