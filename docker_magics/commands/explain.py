"""docker explain: what a command line says, word by word; nothing is run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from docker_magics.cli.command import Command, flag, operands
from docker_magics.cli.flag_types import FlagType
from docker_magics.engine.client import Engine
from docker_magics.explain.line import explain_line
from docker_magics.explain.texts import LANGUAGES, language, texts

if TYPE_CHECKING:
    from docker_magics.results.explanation import Explanation


def _language(text: str) -> str:
    if text not in LANGUAGES:
        raise ValueError("there are en and ko")
    return text


class Explain(Command):
    """Say what each word of a command line means, without running it"""

    usage = "[OPTIONS] COMMAND [ARG...]"
    long = (
        "Nothing is sent to an engine, and $(docker ...) stays as it is. The language is English,\n"
        "or the one that DOCKER_MAGICS_LANG names."
    )
    interspersed = False

    lang: str = flag(
        "--lang string", "Language of the sentences (en, ko)", flag_type=FlagType(_language)
    )
    words: list[str] = operands(1)

    def run(self, engine: Engine) -> Explanation:  # noqa: ARG002 - nothing is sent
        """A table with the columns WORDS, FULL (what they are short for) and MEANING, all str."""
        from docker_magics.results.explanation import make_explanation

        parts = explain_line(self.words, texts(self.lang or language()))
        return make_explanation([(part.text, part.full, part.meaning) for part in parts])
