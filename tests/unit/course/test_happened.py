"""The explanation below a docker error."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.lib.pretty import pretty

from docker_magics.course.happened import after_cell, explain_error, explanations
from docker_magics.errors import EngineError

#: Messages of dockerd 28 with either image store, of older ones, of the client and of Compose ->
#: the error's ID.
MESSAGES = {
    'Conflict. The container name "/web" is already in use by container "1f"': "name-in-use",
    "No such container: web": "no-such-container",
    "pull access denied for nginks, repository does not exist or may require": "pull-denied",
    "manifest for redis:99 not found: manifest unknown: manifest unknown": "manifest-unknown",
    "denied": "pull-denied",
    "unexpected status from HEAD request to https://r/v2/web/manifests/1: 403 Forbidden": (
        "pull-denied"
    ),
    'failed to resolve reference "r/web:99": r/web:99: not found': "manifest-unknown",
    "unexpected status from HEAD request to https://r/v2/web: 429 Too Many Requests": "rate-limit",
    "unexpected status from HEAD request to https://r/v2/web/blobs/1: 401 Unauthorized": (
        "unauthorized"
    ),
    "push access denied, repository does not exist or may require authorization": "unauthorized",
    "unexpected status from PUT request to https://r/v2/web/manifests/1: 403 Forbidden": (
        "unauthorized"
    ),
    "No such image: web:latest": "no-such-image",
    'Get "https://registry-1.docker.io/v2/": dial tcp: lookup': "registry-unreachable",
    "toomanyrequests: You have reached your pull rate limit": "rate-limit",
    "denied: requested access to the resource is denied": "unauthorized",
    "Bind for 0.0.0.0:8080 failed: port is already allocated": "port-in-use",
    'exec: "--name": executable file not found in $PATH: unknown': "no-executable",
    'exec: "/x": permission denied: unknown': "not-executable",
    'cannot remove container "web": container is running: stop the container': "remove-running",
    'conflict: unable to remove repository reference "web" (must force) - container 1f is using '
    "its referenced image (must be forced)": "image-in-use",
    "conflict: unable to delete 1f (cannot be forced) - image has dependent child images": (
        "image-has-children"
    ),
    "container 1f is not running": "not-running",
    "container 1f is paused, unpause the container before exec": "paused",
    "Cannot connect to the Docker daemon at unix:///x. Is the docker daemon running?": "no-daemon",
    "check if the path is correct and if the daemon is running: dial unix /x": "no-daemon",
    "cannot start a paused container, try unpause instead": "paused",
    "executor failed running [/bin/sh -c false]: exit code: 1": "step-failed",
    "dockerfile parse error on line 2: unknown instruction: RNU": "unknown-instruction",
    "COPY failed: file not found in build context": "copy-not-found",
    "The command '/bin/sh -c nope' returned a non-zero code: 127": "step-command-missing",
    'process "/bin/sh -c false" did not complete successfully: exit code: 1': "step-failed",
    "repository name (library/Web) must be lowercase": "uppercase",
    "invalid reference format": "invalid-reference",
    "network plaza not found": "network-missing",
    "network with name plaza already exists": "network-exists",
    "error while removing network: network plaza has active endpoints": "active-endpoints",
    "remove pantry: volume is in use - [1f]": "volume-in-use",
    "get pantry: no such volume": "volume-missing",
    'invalid mount config for type "bind": bind source path does not exist: /x': "bind-missing",
    'create a b: "a b" includes invalid characters for a local volume name': "volume-name",
    "Invalid container name (x), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed": "container-name",
    "Minimum memory limit allowed is 6MB": "memory-too-small",
    "cannot use '>': no shell runs this line": "no-shell",
    "unknown shorthand flag: 'x' in -x": "unknown-flag",
    "docker: unknown command: docker rnu": "unknown-command",
    "docker: 'docker run' requires at least 1 argument": "arguments",
    "write /x: no space left on device": "no-space",
    "no configuration file provided: not found": "no-compose-file",
    "name 'begun' is not defined": "undefined",
}


@pytest.mark.parametrize("message", list(MESSAGES))
def test_each_message_has_its_explanation(message: str) -> None:
    entries = explanations().items()
    matching = [name for name, entry in entries if re.search(entry["match"], message)]
    assert matching[0] == MESSAGES[message]


def test_all_explanations_are_tested_and_in_both_languages() -> None:
    assert len(explanations()) >= 30
    assert set(MESSAGES.values()) == set(explanations())
    for entry in explanations().values():
        assert entry["en"].keys() == entry["ko"].keys() == {"cause", "next"}


def test_an_explanation_is_escaped_html_or_text() -> None:
    shown = explain_error("container 1f is paused", lang="en")
    assert shown
    assert "What happened? The container is paused" in pretty(shown)
    assert "<summary>What happened?</summary>" in shown._repr_html_()
    assert "<code>docker unpause NAME</code>" in shown._repr_html_()
    korean = explain_error("container 1f is paused", lang="ko")
    assert "무슨 일이 있었나요?" in pretty(korean)
    assert explain_error("something else", lang="en") is None


def test_only_docker_errors_are_explained(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    def ended_by(error: Exception | None) -> Any:
        return SimpleNamespace(error_in_exec=error)

    assert shell
    after_cell(ended_by(None))
    after_cell(ended_by(ValueError("No such container: web")))
    after_cell(ended_by(EngineError("nobody knows this")))
    assert capsys.readouterr().out == ""
    after_cell(ended_by(EngineError("No such container: web")))
    assert "What happened? No container has this name" in capsys.readouterr().out


def test_the_extension_explains_errors_until_it_is_unloaded(shell: InteractiveShell) -> None:
    for _ in range(2):
        shell.run_line_magic("load_ext", "docker_magics.course")
    assert shell.events.callbacks["post_run_cell"].count(after_cell) == 1
    shell.run_line_magic("unload_ext", "docker_magics.course")
    assert after_cell not in shell.events.callbacks["post_run_cell"]
