"""docker stack deploy: create or update the services of a Compose file in the swarm."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from docker_magics.cli.command import Command, flag, operand
from docker_magics.commands._swarm import update_spec
from docker_magics.commands.service._converge import Convergence
from docker_magics.commands.service._registry import pin, put_tag, registry_headers
from docker_magics.engine.client import Engine
from docker_magics.errors import UsageError
from docker_magics.results.live import Chain
from docker_magics.results.text import Lines

from ._data import create_data
from ._members import check_manager, check_name, members
from ._model import StackModel, load
from ._networks import create_networks
from ._removal import by_name, remove
from ._service import IMAGE, service_spec

_DETACHES = (
    "Since --detach=false was not specified, tasks will be created in the background.\n"
    "In a future release, --detach=false will become the default."
)
_RESOLVE_IMAGE = ("always", "changed", "never")


class StackDeploy(Command):
    """Deploy a new stack or update an existing stack"""

    usage = "[OPTIONS] STACK"
    aliases = ("stack up",)

    compose_file: list[str] = flag(
        "-c, --compose-file strings", 'Path to a Compose file, or "-" to read from stdin'
    )
    detach: bool | None = flag(
        "-d, --detach",
        "Exit immediately instead of waiting for the stack services to converge (default true)",
        default=None,
    )
    prune: bool = flag("--prune", "Prune services that are no longer referenced")
    quiet: bool = flag("-q, --quiet", "Suppress progress output")
    resolve_image: str = flag(
        "--resolve-image string",
        'Query the registry to resolve image digest and supported platforms ("always", "changed",'
        ' "never")',
        default="always",
    )
    with_registry_auth: bool = flag(
        "--with-registry-auth", "Send registry authentication details to Swarm agents"
    )
    stack: str = operand()

    def run(self, engine: Engine) -> Any:
        """Return what the CLI prints, a line for each object.

        Returns:
            The lines; with --detach=false the progress of each service until it converges.

        Raises:
            UsageError: the engine is no swarm manager, or a service has settings without meaning
                in a swarm.
            ComposeFailed: a file is invalid.

        source: docker/cli, cli/command/stack/deploy_composefile.go; Engine API, ServiceCreate.
        """
        check_name(self.stack)
        model = load(engine, self.terminal, self.compose_file, self.stack)
        if self.resolve_image not in _RESOLVE_IMAGE:
            raise UsageError(f"invalid option {self.resolve_image} for flag --resolve-image")
        if self.detach is None:
            self.terminal.notify(_DETACHES)
        check_manager(engine)
        lines = Lines(self._prune(engine, model) if self.prune else [])
        lines += create_networks(engine, model)
        lines += create_data(engine, model, "secrets")
        lines += create_data(engine, model, "configs")
        specs = [service_spec(engine, model, key) for key in model.part("services")]
        services = self._deploy(engine, specs, lines)
        if self.detach is not False:
            return lines
        self.terminal.remark("\n".join(lines))
        return _converge(engine, services, quiet=self.quiet)

    def _prune(self, engine: Engine, model: StackModel) -> list[str]:
        names = {model.scoped(key) for key in model.part("services")}
        services = members(engine, "services", self.stack)
        obsolete = [service for service in services if service["Spec"]["Name"] not in names]
        return remove(engine, self.terminal, "services", by_name(obsolete))[0]

    def _deploy(self, engine: Engine, specs: Sequence[dict[str, Any]], lines: Lines) -> list[str]:
        """Create or update the services, and add lines; return their IDs."""
        existing = {
            service["Spec"]["Name"]: service for service in members(engine, "services", self.stack)
        }
        identities = []
        for spec in specs:
            image = spec["TaskTemplate"]["ContainerSpec"]["Image"]
            headers = registry_headers(image) if self.with_registry_auth else {}
            if service := existing.get(spec["Name"]):
                lines.append(f"Updating service {spec['Name']} (id: {service['ID']})")
                self._update(engine, service, spec, headers)
                identities.append(service["ID"])
            else:
                lines.append(f"Creating service {spec['Name']}")
                identities.append(self._create(engine, spec, headers))
        return identities

    def _create(self, engine: Engine, spec: dict[str, Any], headers: Mapping[str, str]) -> str:
        put_tag(spec)
        if self.resolve_image != "never":
            pin(engine, spec, headers)  # the CLI shows warnings about updates only
        answer = engine.post("/services/create", body=spec, headers=headers)
        return str(answer["ID"])

    def _update(
        self,
        engine: Engine,
        service: Mapping[str, Any],
        spec: dict[str, Any],
        headers: Mapping[str, str],
    ) -> None:
        """Update a service; an image that stays the same keeps the digest that it has."""
        task, deployed = spec["TaskTemplate"], service["Spec"]["TaskTemplate"]
        is_same = spec["Labels"][IMAGE] == (service["Spec"].get("Labels") or {}).get(IMAGE)
        if self.resolve_image != "always" and is_same:
            task["ContainerSpec"]["Image"] = deployed["ContainerSpec"]["Image"]
        task["ForceUpdate"] = deployed.get("ForceUpdate", 0)
        put_tag(spec)
        resolves = self.resolve_image == "always" or (
            self.resolve_image == "changed" and not is_same
        )
        warnings = pin(engine, spec, headers) if resolves else []
        changed = {**service, "Spec": spec}
        for warning in [*update_spec(engine, "services", changed, headers=headers), *warnings]:
            self.terminal.notify(warning)


def _converge(engine: Engine, services: Sequence[str], *, quiet: bool) -> Chain | None:
    """Return a progress of one service after the other."""
    if not services:
        return None
    first, *others = services
    return Chain(
        Convergence(engine, first, quiet=quiet),
        lambda _: _converge(engine, others, quiet=quiet),
        lambda error: error.exit_code,
    )
