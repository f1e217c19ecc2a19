"""What an exercise still lacks."""

from __future__ import annotations

from dataclasses import dataclass

from docker_magics.phrase import Phrase

from .language import code

#: The number of characters of an output that a gap quotes.
_QUOTED = 60


@dataclass(frozen=True)
class Gap:
    """Something that an exercise still lacks.

    Attributes:
        what: what is missing.
        hints: the hints for it, from a nudge to almost the answer.
        wait_s: seconds after which time alone may have closed it; 0 if it takes a change.
    """

    what: Phrase
    hints: tuple[Phrase, ...] = ()
    wait_s: float = 0.0


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


def wrong_base(image: str, base: str) -> Gap:
    """Return the gap of an image with another base image."""
    return gap(
        f"`{image}` does not begin with `{base}`",
        f"`{image}`의 베이스 이미지가 `{base}`가 아니에요",
        code(f"FROM {base}"),
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


def run_says(image: str) -> Phrase:
    """Return what `differs` calls the output of an image's containers."""
    return Phrase(f"`docker run --rm {image}` says", f"`docker run --rm {image}`의 결과")
