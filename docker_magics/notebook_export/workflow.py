"""A notebook's docker commands as a GitHub Actions workflow that builds, tests and pushes.

source: docs.github.com, "Workflow syntax for GitHub Actions", "Publishing Docker images".
"""

from __future__ import annotations

from typing import Any

from docker_magics.compose.yaml import dump
from docker_magics.wire import reference

from .shell import command, comment
from .steps import Notebook, Step

_ON_MAIN = "github.event_name == 'push' && github.ref == 'refs/heads/main'"
_GHCR = "ghcr.io"
#: What GitHub replaces by a value in a text, and the expression that results in this text.
_EXPRESSION, _ESCAPED = "${{", "${{ '${{' }}"


def workflow(notebook: Notebook) -> str:
    """Return the workflow: every command is a step; images are pushed from the branch main only.

    The images that the notebook pushes need the repository's secrets REGISTRY_USER and
    REGISTRY_TOKEN. If it pushes none, the images that it builds are pushed to ghcr.io.
    """
    steps: list[dict[str, Any]] = [{"uses": "actions/checkout@v4"}]
    pushes = [step for step in notebook.steps if _operand_of(step, "push")]
    if pushes:
        steps.append(_login(_domain(_operand_of(pushes[0], "push"))))
    steps += [_step(step) for step in notebook.steps]
    if not pushes and (images := _built(notebook)):
        steps.append(_publish(images))
    job = {
        "runs-on": "ubuntu-latest",
        "permissions": {"contents": "read", "packages": "write"},
        **({"env": notebook.variables} if notebook.variables else {}),
        "steps": steps,
    }
    content = {
        "name": notebook.name,
        "on": {"push": {}, "pull_request": {}},
        "jobs": {"docker": job},
    }
    return f"# Made from {comment(notebook.name)} by docker-magics export.\n{dump(content)}"


def _step(step: Step) -> dict[str, Any]:
    condition = {"if": _ON_MAIN} if _operand_of(step, "push") else {}
    text = command(step).replace(_EXPRESSION, _ESCAPED)
    name = step.text.splitlines()[0].replace(_EXPRESSION, _ESCAPED)
    return {"name": name, **condition, "run": text}


def _login(domain: str) -> dict[str, Any]:
    secrets = {"USER": "REGISTRY_USER", "TOKEN": "REGISTRY_TOKEN"}
    return {
        "name": f"docker login {domain}",
        "if": _ON_MAIN,
        "env": {name: f"${{{{ secrets.{secret} }}}}" for name, secret in secrets.items()},
        "run": f'echo "$TOKEN" | docker login --username "$USER" --password-stdin {domain}',
    }


def _publish(images: list[str]) -> dict[str, Any]:
    lines = [f'echo "$TOKEN" | docker login --username "$GITHUB_ACTOR" --password-stdin {_GHCR}']
    for image in images:
        name = reference.parse(image).tagged
        target = f"{_GHCR}/${{GITHUB_REPOSITORY,,}}/{name.name.rpartition('/')[2]}:{name.tag}"
        lines += [f"docker tag {image} {target}", f"docker push {target}"]
    return {
        "name": f"Push the images to {_GHCR}",
        "if": _ON_MAIN,
        "env": {"TOKEN": "${{ github.token }}"},
        "run": "\n".join(lines),
    }


def _operand_of(step: Step, verb: str) -> str:
    """Return the last word of a step of this verb, "" for other steps."""
    args = step.args[1:] if step.args[:1] == ("image",) else step.args
    return args[-1] if args[:1] == (verb,) and len(args) > 1 and not step.problem else ""


def _domain(image: str) -> str:
    try:
        return reference.parse(image).domain
    except reference.ReferenceError:  # the name is a variable
        return "docker.io"


def _built(notebook: Notebook) -> list[str]:
    """Return the names of the images that the notebook builds."""
    from docker_magics.commands.image.build import ImageBuild

    names = []
    for step in notebook.steps:
        if step.args[:1] == ("build",) and not step.problem:
            parsed = ImageBuild.flag_set().parse(list(step.args[1:]))
            names += [flag.value for flag in parsed.flag_values if flag.flag.long == "tag"]
    return [name for name in names if "$" not in name]
