"""docker explain: explain each word of a command line without running it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from docker_magics.cli.command import Command, flag, operands
from docker_magics.cli.flag_types import FlagType
from docker_magics.engine.client import Engine
from docker_magics.explain.line import explain_line
from docker_magics.explain.texts import texts
from docker_magics.phrase import LANGUAGES, language

if TYPE_CHECKING:
    from docker_magics.results.explanation import Explanation


def _language(text: str) -> str:
    if text not in LANGUAGES:
        raise ValueError("expected en or ko")
    return text


class Explain(Command):
    """Say what each word of a command line means, without running it"""

    usage = "[OPTIONS] COMMAND [ARG...]"
    long = (
        "Nothing is sent to an engine, and $(docker ...) is not run. The language is English, or\n"
        "that of DOCKER_MAGICS_LANG."
    )
    interspersed = False

    lang: str = flag(
        "--lang string", "Language of the sentences (en, ko)", flag_type=FlagType(_language)
    )
    args: list[str] = operands(1)

    def run(self, engine: Engine) -> Explanation:  # noqa: ARG002 - the engine is not used
        """Return a table with the columns WORDS, FULL (the long form) and MEANING, all str."""
        from docker_magics.results.explanation import make_explanation

        parts = explain_line(self.args, texts(self.lang or language()))
        return make_explanation([(part.text, part.full, part.meaning) for part in parts])
