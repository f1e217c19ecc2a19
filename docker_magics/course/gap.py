"""What an exercise still lacks."""

from __future__ import annotations

from dataclasses import dataclass

from docker_magics.phrase import Phrase

#: The number of characters of an output that a gap quotes.
_QUOTED = 60


@dataclass(frozen=True)
class Gap:
    """Something that an exercise still lacks.

    Attributes:
        what: what is missing.
        hints: the hints for it, from a nudge to almost the answer.
    """

    what: Phrase
    hints: tuple[Phrase, ...] = ()


def gap(en: str, ko: str, *hints: Phrase) -> Gap:
    """Return a gap in both languages, with its hints."""
    return Gap(Phrase(en, ko), hints)


def no_container(name: str, *hints: Phrase) -> Gap:
    """Return the gap of a container that does not exist."""
    return gap(f"there is no container named `{name}`", f"`{name}` 컨테이너가 없어요", *hints)


def not_running(name: str, *hints: Phrase) -> Gap:
    """Return the gap of a container that does not run."""
    return gap(f"`{name}` is not running", f"`{name}` 컨테이너가 실행 중이 아니에요", *hints)


def wrong_image(name: str, image: str) -> Gap:
    """Return the gap of a container that was made from another image."""
    return gap(
        f"`{name}` was not made from `{image}`",
        f"`{name}` 컨테이너가 `{image}` 이미지로 만든 것이 아니에요",
        Phrase(
            f"Remove it, `%docker rm -f {name}`, and start again with the image `{image}`.",
            f"`%docker rm -f {name}`으로 지우고 `{image}` 이미지로 다시 해 보세요.",
        ),
    )


def no_image(name: str, *hints: Phrase) -> Gap:
    """Return the gap of an image that does not exist."""
    return gap(f"there is no image named `{name}`", f"`{name}` 이미지가 없어요", *hints)


def differs(what: Phrase, actual: str, expected: str, *hints: Phrase) -> Gap:
    """Return the gap of a text that is not as expected."""
    shown = actual if len(actual) <= _QUOTED else f"{actual[:_QUOTED]}…"
    en = f"`{shown}`" if actual else "(no output)"
    ko = f"`{shown}`" if actual else "(출력 없음)"
    return gap(
        f"{what.en}: {en}; expected: `{expected}`",
        f"{what.ko}: {ko}. 기대한 값: `{expected}`",
        *hints,
    )
