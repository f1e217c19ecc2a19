"""The flags of docker build, which both builders and both of BuildKit's APIs read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from docker_magics.cli.command import Command, flag, operand
from docker_magics.cli.flag_types import (
    ENVIRONMENT,
    EXTRA_HOSTS,
    LABELS,
    SIZE_OR_UNLIMITED,
    FlagType,
)
from docker_magics.commands import _flags
from docker_magics.wire import reference

from ._annotations import ANNOTATIONS, Annotation
from ._attestations import ATTESTATIONS, PROVENANCE, SBOM, Attestation
from ._build_contexts import NAMED_CONTEXTS, NamedContext
from ._caches import CACHE_SOURCES, CACHE_TARGETS, Cache
from ._metadata import write_metadata
from ._outputs import OUTPUTS, Output
from ._questions import CHECK, QUESTIONS, Question
from ._secrets import SECRETS, Secret
from ._ssh import AGENTS, Agent


def _progress(text: str) -> str:
    if text not in {"auto", "plain", "tty", "quiet", "none", "rawjson"}:
        raise ValueError("expected auto, plain, tty, quiet, none or rawjson")
    return text


PROGRESSES = FlagType(_progress)


def _tag(text: str) -> str:
    reference.parse(text)
    return text


TAGS = FlagType(_tag, many=True)


class BuildFlags(Command):
    """A build as its line describes it."""

    usage = "[OPTIONS] PATH | URL | -"

    add_host: list[str] = flag(
        "--add-host list", 'Add a custom host-to-IP mapping ("host:ip")', flag_type=EXTRA_HOSTS
    )
    allow: list[str] = flag(
        "--allow stringArray", "Allow the build what needs it (e.g., network.host)"
    )
    annotation: list[Annotation] = flag(
        "--annotation stringArray", "Add annotation to the image", flag_type=ANNOTATIONS
    )
    attest: list[Attestation] = flag(
        "--attest stringArray",
        'Attestation parameters (format: "type=sbom,generator=image")',
        flag_type=ATTESTATIONS,
    )
    build_arg: list[str] = flag(
        "--build-arg list", "Set build-time variables", flag_type=ENVIRONMENT
    )
    build_context: list[NamedContext] = flag(
        "--build-context stringArray",
        "Additional build contexts (e.g., name=path)",
        flag_type=NAMED_CONTEXTS,
    )
    builder: str = flag("--builder string", "Build with buildkit or with the classic builder")
    cache_from: list[Cache] = flag(
        "--cache-from strings",
        'External cache sources (e.g., "user/app:cache", "type=local,src=path/to/dir")',
        flag_type=CACHE_SOURCES,
    )
    cache_to: list[Cache] = flag(
        "--cache-to stringArray",
        'Cache export destinations (e.g., "user/app:cache", "type=local,dest=path/to/dir")',
        flag_type=CACHE_TARGETS,
    )
    call: Question | None = flag(
        "--call string",
        'Set method for evaluating build ("check", "outline", "targets")',
        flag_type=QUESTIONS,
    )
    cgroup_parent: str = flag(
        "--cgroup-parent string", 'Set the parent cgroup for the "RUN" instructions during build'
    )
    check: bool = flag("--check", 'Shorthand for "--call=check"')
    compress: bool = flag("--compress", "Compress the build context using gzip")
    cpu_period: int = flag(
        "--cpu-period int", "Limit the CPU CFS (Completely Fair Scheduler) period"
    )
    cpu_quota: int = flag("--cpu-quota int", "Limit the CPU CFS (Completely Fair Scheduler) quota")
    cpu_shares: int = flag("-c, --cpu-shares int", "CPU shares (relative weight)")
    cpuset_cpus: str = flag("--cpuset-cpus string", "CPUs in which to allow execution (0-3, 0,1)")
    cpuset_mems: str = flag("--cpuset-mems string", "MEMs in which to allow execution (0-3, 0,1)")
    disable_content_trust: bool = _flags.disable_content_trust()
    file: str = flag("-f, --file string", 'Name of the Dockerfile (Default is "PATH/Dockerfile")')
    force_rm: bool = flag("--force-rm", "Always remove intermediate containers")
    iidfile: str = flag("--iidfile string", "Write the image ID to the file")
    isolation: str = flag("--isolation string", "Container isolation technology")
    label: list[str] = flag("--label list", "Set metadata for an image", flag_type=LABELS)
    load: bool = flag("--load", "Load the image into the engine's store (always done)")
    memory: int = flag("-m, --memory bytes", "Memory limit")
    memory_swap: int = flag(
        "--memory-swap bytes",
        "Swap limit equal to memory plus swap: -1 to enable unlimited swap",
        flag_type=SIZE_OR_UNLIMITED,
    )
    metadata_file: str = flag("--metadata-file string", "Write build result metadata to a file")
    network: str = flag(
        "--network string",
        "Set the networking mode for the RUN instructions during build",
        default="default",
    )
    no_cache: bool = flag("--no-cache", "Do not use cache when building the image")
    no_cache_filter: list[str] = flag(
        "--no-cache-filter stringArray", "Do not cache specified stages"
    )
    output: list[Output] = flag(
        "-o, --output stringArray",
        'Output destination (format: "type=local,dest=path")',
        flag_type=OUTPUTS,
    )
    platform: str = flag("--platform string", "Set platform if server is multi-platform capable")
    progress: str = flag(
        "--progress string",
        'Set type of progress output ("auto", "plain", "tty", "quiet", "rawjson"). Use plain to'
        " show container output",
        flag_type=PROGRESSES,
        default="auto",
    )
    provenance: Attestation | None = flag(
        "--provenance string", 'Shorthand for "--attest=type=provenance"', flag_type=PROVENANCE
    )
    pull: bool = flag("--pull", "Always attempt to pull a newer version of the image")
    push: bool = flag("--push", "Push the image after the build")
    quiet: bool = flag("-q, --quiet", "Suppress the build output and print image ID on success")
    rm: bool = flag("--rm", "Remove intermediate containers after a successful build", default=True)
    sbom: Attestation | None = flag(
        "--sbom string", 'Shorthand for "--attest=type=sbom"', flag_type=SBOM
    )
    secret: list[Secret] = flag(
        "--secret stringArray",
        'Secret to expose to the build (format: "id=mysecret[,src=/local/secret]")',
        flag_type=SECRETS,
    )
    security_opt: list[str] = flag("--security-opt strings", "Security options")
    shm_size: int = flag("--shm-size bytes", 'Size of "/dev/shm"')
    ssh: list[Agent] = flag(
        "--ssh stringArray",
        'SSH agent socket to expose to the build (format: "default|<id>[=<socket>]")',
        flag_type=AGENTS,
    )
    squash: bool = flag("--squash", "Squash newly built layers into a single layer", hidden=True)
    tag: list[str] = flag(
        "-t, --tag list", 'Name and optionally a tag in the "name:tag" format', flag_type=TAGS
    )
    target: str = flag("--target string", "Set the target build stage to build.")
    ulimit: list[dict[str, Any]] = flag("--ulimit ulimit", "Ulimit options (default [])")
    path: str | None = operand(optional=True)

    #: The Dockerfile's text, whether it is a %%dockerfile cell, and what takes the metadata instead
    #: of --metadata-file: bake's file has those of all its builds. These are not flags.
    dockerfile: bytes | None = None
    is_cell: bool = True
    metadata: dict[str, Any] | None = None

    @property
    def tags(self) -> list[str]:
        """The image's names: those of --tag, and of --output's name=; files have none."""
        if self.output and not any(output.is_image for output in self.output):
            return []
        return [*self.tag, *(name for output in self.output for name in output.names)]

    def write_metadata(self, values: Mapping[str, Any]) -> None:
        """Write the file of --metadata-file, or give the values to who asked for them.

        Raises:
            UsageError: the file cannot be written.
        """
        if self.metadata is not None:
            self.metadata.update(values)
        else:
            write_metadata(self.metadata_file, values)

    @property
    def question(self) -> Question | None:
        """The question of --call or --check, which replaces the build."""
        return self.call or (CHECK if self.check else None)

    @property
    def attestations(self) -> dict[str, str | None]:
        """The attestations: kind -> attributes, None to switch it off; the first one wins."""
        given = [*self.attest, *filter(None, (self.provenance, self.sbom))]
        return dict(reversed(given))

    @property
    def contexts_by_id(self) -> list[NamedContext]:
        """The named contexts that are images by ID: BuildKit finds them only by a name."""
        return [it for it in self.build_context if reference.is_identity(it.image)]
