"""What the docker CLI prints for an error. Cells show the error's message, and a hint."""

from __future__ import annotations

from collections.abc import Sequence

from docker_magics.errors import DockerMagicsError, EngineError, NoEngine, OutcomeError

from . import global_options, index

#: Commands that point to their help after errors, and the name that they give it.
_WITH_HELP = {"container run": "run", "container create": "create"}
#: The docker CLI's exit codes of a container that was not started.
_NOT_STARTED = (125, 126, 127)


def error_text(error: DockerMagicsError, args: Sequence[str]) -> str:
    """Return the text of an error as the docker CLI 29 words it.

    Errors of an engine have no hint there; those that only this package has keep it.

    Args:
        error: the error.
        args: the line that failed, with its global options.

    source: docker/cli, cli/command/container/run.go: withHelp, toStatusError.
    """
    if error.cli_text:
        return error.cli_text
    if error.exit_code in _NOT_STARTED and not isinstance(error, OutcomeError):
        return _with_help(error.message, args)
    if isinstance(error, EngineError) and not isinstance(error, NoEngine):
        return error.message
    return str(error)


def _with_help(message: str, args: Sequence[str]) -> str:
    command, _ = index.resolve(global_options.parse(args)[1])
    if name := _WITH_HELP.get(command.command_name()):
        return f"docker: {message}\n\nRun 'docker {name} --help' for more information"
    return message
