"""Instructions that change an image's config, and no files.

Each function changes a draft, and returns the comment for the image's history.

source: Dockerfile reference; moby builder/dockerfile/dispatchers.go.
"""

from __future__ import annotations

import posixpath

from ...wire.dockerfile import Instruction
from ..errors import BadParameter
from ..runtime import signals
from .checks import check_paths
from .ports import container_ports
from .quoting import quoted_list
from .run_config import ImageDraft, RunConfig
from .variables import Variables

#: The shell of commands that are one text, unless SHELL sets another.
SHELL = ("/bin/sh", "-c")


def shell_of(config: RunConfig) -> list[str]:
    """Return the shell of commands that are one text."""
    return list(config.get("Shell") or SHELL)


def change_env(draft: ImageDraft, instruction: Instruction, variables: Variables) -> str:
    """Set environment variables."""
    pairs = _pairs(instruction, variables)
    merged = {text.partition("=")[0]: text for text in draft.config.get("Env") or []}
    for name, value in pairs:
        if not name:
            raise BadParameter(f"invalid environment variable: ={value}")
        merged[name] = f"{name}={value}"
    draft.config["Env"] = list(merged.values())
    return "ENV " + _joined(pairs)


def change_label(draft: ImageDraft, instruction: Instruction, variables: Variables) -> str:
    """Set labels."""
    pairs = _pairs(instruction, variables)
    draft.config["Labels"] = {**(draft.config.get("Labels") or {}), **dict(pairs)}
    return "LABEL " + _joined(pairs)


def _pairs(instruction: Instruction, variables: Variables) -> list[tuple[str, str]]:
    args = [variables.expand(arg) for arg in instruction.args]
    return list(zip(args[::2], args[1::2], strict=True))


def _joined(pairs: list[tuple[str, str]]) -> str:
    return " ".join(f"{name}={value}" for name, value in pairs)


def change_workdir(draft: ImageDraft, instruction: Instruction, variables: Variables) -> str:
    """Set the working directory; a relative path continues the current one."""
    path = variables.expand(instruction.args[0])
    if not path:
        raise BadParameter("cannot normalize nothing")
    current = draft.config.get("WorkingDir") or "/"
    draft.config["WorkingDir"] = posixpath.normpath(posixpath.join("/", current, path))
    return f"WORKDIR {draft.config['WorkingDir']}"


def change_user(draft: ImageDraft, instruction: Instruction, variables: Variables) -> str:
    """Set the user."""
    draft.config["User"] = variables.expand(instruction.args[0])
    return f"USER {draft.config['User']}"


def change_volume(draft: ImageDraft, instruction: Instruction, variables: Variables) -> str:
    """Declare volumes."""
    paths = [variables.expand(arg) for arg in instruction.args]
    check_paths(paths)
    added: dict[str, object] = {path: {} for path in paths}
    draft.config["Volumes"] = {**(draft.config.get("Volumes") or {}), **added}
    return f"VOLUME [{' '.join(paths)}]"


def change_expose(draft: ImageDraft, instruction: Instruction, variables: Variables) -> str:
    """Declare ports."""
    texts = [text for arg in sorted(instruction.args) for text in variables.split(arg)]
    ports: dict[str, object] = {port: {} for text in texts for port in container_ports(text)}
    draft.config["ExposedPorts"] = {**(draft.config.get("ExposedPorts") or {}), **ports}
    return "EXPOSE " + " ".join(texts)


def change_cmd(draft: ImageDraft, instruction: Instruction, _variables: Variables) -> str:
    """Set the default command."""
    command = _command(draft.config, instruction)
    draft.config["Cmd"] = command
    draft.sets_command = True
    return f"CMD {quoted_list(command)}"


def change_entrypoint(draft: ImageDraft, instruction: Instruction, _variables: Variables) -> str:
    """Set the entrypoint; an inherited command was meant for another one, and is removed."""
    command = _command(draft.config, instruction) if instruction.args else []
    draft.config["Entrypoint"] = command or None
    if not draft.sets_command:
        draft.config["Cmd"] = None
    return f"ENTRYPOINT {quoted_list(command)}"


def _command(config: RunConfig, instruction: Instruction) -> list[str]:
    """Return the exec form as it is, or the shell form with the shell."""
    args = list(instruction.args)
    return args if instruction.is_json else [*shell_of(config), *args]


def change_stopsignal(draft: ImageDraft, instruction: Instruction, variables: Variables) -> str:
    """Set the stop signal."""
    name = variables.expand(instruction.args[0])
    signals.parse(name)
    draft.config["StopSignal"] = name
    return f"STOPSIGNAL {name}"


def change_shell(draft: ImageDraft, instruction: Instruction, _variables: Variables) -> str:
    """Set the shell of commands that are one text."""
    draft.config["Shell"] = list(instruction.args)
    return f"SHELL [{' '.join(instruction.args)}]"


def change_onbuild(draft: ImageDraft, instruction: Instruction, _variables: Variables) -> str:
    """Add a trigger."""
    text = instruction.trigger.text if instruction.trigger else ""
    draft.config["OnBuild"] = [*(draft.config.get("OnBuild") or []), text]
    return f"ONBUILD {text}"


def change_maintainer(draft: ImageDraft, instruction: Instruction, _variables: Variables) -> str:
    """Set the author."""
    draft.author = instruction.args[0]
    return f"MAINTAINER {draft.author}"
