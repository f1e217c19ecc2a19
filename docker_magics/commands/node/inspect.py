"""docker node inspect: details of nodes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from docker_magics.cli.command import Command, flag, operands
from docker_magics.commands import _flags
from docker_magics.commands._inspect import inspect
from docker_magics.commands._swarm import is_readable, pretty, titled
from docker_magics.commands._tasks import node_reference
from docker_magics.engine.client import Engine, path
from docker_magics.results import human
from docker_magics.results.inspect import InspectList
from docker_magics.results.text import Text

_NANO = 1_000_000_000
#: source: docker/cli, cli/command/node/formatter.go: nodeInspectPrettyTemplate.
_PRETTY = """ID:\t\t\t{{.ID}}
{{- if .Name }}
Name:\t\t\t{{.Name}}
{{- end }}
{{- if .Labels }}
Labels:
{{- range $k, $v := .Labels }}
 - {{ $k }}{{if $v }}={{ $v }}{{ end }}
{{- end }}{{ end }}
Hostname:              \t{{.Hostname}}
Joined at:             \t{{.CreatedAt}}
Status:
 State:\t\t\t{{.State}}
 {{- if .Message}}
 Message:              \t{{.Message}}
 {{- end}}
 Availability:         \t{{.Availability}}
 {{- if .Address}}
 Address:\t\t{{.Address}}
 {{- end}}
{{- if .Manager}}
Manager Status:
 Address:\t\t{{.Manager.Addr}}
 Raft Status:\t\t{{.Reachability}}
 {{- if .Manager.Leader}}
 Leader:\t\tYes
 {{- else}}
 Leader:\t\tNo
 {{- end}}
{{- end}}
Platform:
 Operating System:\t{{.Platform.OS}}
 Architecture:\t\t{{.Platform.Architecture}}
Resources:
 CPUs:\t\t\t{{.CPUs}}
 Memory:\t\t{{.Memory}}
{{- if .Plugins}}
Plugins:
{{- range $k, $v := .Plugins }}
 {{ $k }}:{{if $v }}\t\t{{ $v }}{{ end }}
{{- end }}
{{- end }}
Engine Version:\t\t{{.EngineVersion}}
{{- if .EngineLabels}}
Engine Labels:
{{- range $k, $v := .EngineLabels }}
 - {{ $k }}{{if $v }}={{ $v }}{{ end }}
{{- end }}{{- end }}
{{- if .TLS}}
TLS Info:
 TrustRoot:
{{.TLS.TrustRoot}}
 Issuer Subject:\t{{.TLS.CertIssuerSubject}}
 Issuer Public Key:\t{{.TLS.CertIssuerPublicKey}}
{{- end}}"""


class NodeInspect(Command):
    """Display detailed information on one or more nodes"""

    usage = "[OPTIONS] self|NODE [NODE...]"

    format: str = _flags.format_of_object()
    pretty: bool = flag("--pretty", "Print the information in a human friendly format")
    nodes: list[str] = operands(1)

    def run(self, engine: Engine) -> InspectList | Text:
        """Return a dict for each node.

        source: Engine API, NodeInspect.
        """
        readable = is_readable(self.format, pretty=self.pretty)
        nodes = inspect(
            self.nodes,
            "" if readable else self.format,
            lambda name: engine.get(path("nodes", node_reference(engine, name))),
        )
        if not readable or isinstance(nodes, Text):
            return nodes
        return pretty(_PRETTY, [_pretty_fields(node) for node in nodes])


def _pretty_fields(node: Mapping[str, Any]) -> dict[str, Any]:
    description, spec, status = node["Description"], node["Spec"], node["Status"]
    engine, resources = description.get("Engine") or {}, description.get("Resources") or {}
    manager = node.get("ManagerStatus") or {}
    return {
        "ID": node["ID"],
        "Name": spec.get("Name", ""),
        "Labels": spec.get("Labels") or {},
        "Hostname": description["Hostname"],
        "CreatedAt": human.go_time_rfc3339(node.get("CreatedAt", "")),
        "State": titled(status["State"]),
        "Message": titled(status.get("Message")),
        "Availability": titled(spec.get("Availability")),
        "Address": status.get("Addr", ""),
        "Manager": manager,
        "Reachability": titled(manager.get("Reachability")),
        "Platform": description.get("Platform") or {"OS": "", "Architecture": ""},
        "CPUs": resources.get("NanoCPUs", 0) // _NANO,
        "Memory": human.binary_size(resources.get("MemoryBytes", 0)),
        "Plugins": _plugins(engine.get("Plugins") or []),
        "EngineVersion": engine.get("EngineVersion", ""),
        "EngineLabels": engine.get("Labels") or {},
        "TLS": description.get("TLSInfo") or {},
    }


def _plugins(plugins: list[dict[str, str]]) -> dict[str, str]:
    by_type: dict[str, list[str]] = {}
    for plugin in plugins:
        by_type.setdefault(plugin["Type"], []).append(plugin["Name"])
    return {kind: ", ".join(names) for kind, names in by_type.items()}
