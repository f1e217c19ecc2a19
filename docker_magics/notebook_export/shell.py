"""A notebook's docker commands as a shell script."""

from __future__ import annotations

from .steps import Notebook, Step


def script(notebook: Notebook) -> str:
    """Return a script for POSIX shells, which ends at the first command that fails."""
    lines = [
        "#!/bin/sh",
        f"# Made from {comment(notebook.name)} by docker-magics export.",
        "set -eu",
    ]
    lines += [f"{name}={value}" for name, value in notebook.variables.items()]
    cell = 0
    for step in notebook.steps:
        if step.cell != cell:
            lines.append("")
            cell = step.cell
        lines.append(command(step))
    return "\n".join(lines) + "\n"


def command(step: Step) -> str:
    """Return a step as shell commands; a comment if it cannot run."""
    if step.problem:
        return "\n".join(f"# {line}" for line in [f"{step.problem}:", *step.text.splitlines()])
    fails = " || true" if step.may_fail else ""
    if step.body is None:
        return f"( {step.text}\n){fails}" if fails and "\n" in step.text else step.text + fails
    word = _delimiter(step.body)
    return f"{step.text} <<'{word}'{fails}\n{step.body.rstrip()}\n{word}"


def comment(text: str) -> str:
    """Return a text that stays on the line of a comment."""
    return "".join(char if char.isprintable() else "?" for char in text)


def _delimiter(body: str) -> str:
    """Return a word that is not a line of the body."""
    word, lines = "END", set(body.splitlines())
    while word in lines:
        word += "_"
    return word
