"""HEALTHCHECK: its check, and its effect on a config.

source: moby/buildkit, frontend/dockerfile/instructions/parse.go: parseHealthcheck; moby
builder/dockerfile/dispatchers.go: dispatchHealthcheck.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

from ...wire import go
from ...wire.dockerfile import Instruction
from ..errors import BadParameter, as_bad_parameter
from .run_config import Healthcheck, ImageDraft
from .variables import Variables

#: The flags that are durations, and their fields of HealthConfig.
DURATIONS = {
    "interval": "Interval",
    "timeout": "Timeout",
    "start-period": "StartPeriod",
    "start-interval": "StartInterval",
}
_MIN_DURATION_NS = 1_000_000


def check_healthcheck(instruction: Instruction) -> None:
    """Reject an unknown type, a missing command and flags out of range."""
    test_type, *command = instruction.args
    if test_type.upper() == "NONE":
        if command:
            raise BadParameter("HEALTHCHECK NONE takes no arguments")
        return
    if test_type.upper() != "CMD":
        raise BadParameter(f'Unknown type "{test_type.upper()}" in HEALTHCHECK (try CMD)')
    if not command:
        raise BadParameter("Missing command after HEALTHCHECK CMD")
    for flag in instruction.flags:
        name, _, value = flag.removeprefix("--").partition("=")
        if not value:
            continue
        if name == "retries":
            _check_retries(value)
        else:
            _check_duration(name, value)


def _check_retries(text: str) -> None:
    with as_bad_parameter():
        retries = go.parse_int(text, bits=32)
    if retries < 1:
        raise BadParameter(f"--retries must be at least 1 (not {retries})")


def _check_duration(name: str, text: str) -> None:
    with as_bad_parameter():
        duration = go.parse_duration(text)
    if duration < _MIN_DURATION_NS:
        raise BadParameter(f'Interval "{name}" cannot be less than 1ms')


def change_healthcheck(draft: ImageDraft, instruction: Instruction, _variables: Variables) -> str:
    """Set the health check; flags that are not given keep their inherited values."""
    test_type, *command = instruction.args
    if test_type.upper() == "NONE":
        test = ["NONE"]
    else:
        test = ["CMD", *command] if instruction.is_json else ["CMD-SHELL", command[0]]
    check = cast("Healthcheck", {"Test": test, **_flag_values(instruction.flags)})
    inherited = draft.config.get("Healthcheck") or Healthcheck()
    draft.config["Healthcheck"] = {**inherited, **check}
    durations: Iterable[Any] = (check.get(name, 0) for name in DURATIONS.values())
    texts = " ".join(map(go.format_duration, durations))
    return f"HEALTHCHECK &{{[{' '.join(test)}] {texts} {check.get('Retries', 0)}}}"


def _flag_values(flags: tuple[str, ...]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for flag in flags:
        name, _, value = flag.removeprefix("--").partition("=")
        if not value:
            continue
        if name == "retries":
            values["Retries"] = int(value)
        else:
            values[DURATIONS[name]] = go.parse_duration(value)
    return values
