"""Explain operands: the words of a line that are not flags."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence

from docker_magics.cli.command import Command
from docker_magics.wire import reference

from .texts import Texts

#: Sentences and a word -> the word's full form ("" if it is the same) and a sentence.
_Explainer = Callable[[Texts, str], tuple[str, str]]

_URLS = ("http://", "https://", "git://", "github.com/", "git@")
_SUBSTITUTED = re.compile(r"\$\((docker .*)\)")


def operand_meaning(
    verb: type[Command],
    field: str,
    tokens: Sequence[str],
    parsed: Command | None,
    texts: Texts,
) -> tuple[str, str]:
    """Return the full form of an operand ("" if it is the same), and a sentence about it.

    Args:
        verb: the command's class.
        field: the command's field that holds the operand.
        tokens: one word, or all words of the command that the container runs.
        parsed: the parsed line; None if it asks for `--help`.
        texts: the sentences of one language.
    """
    if field == "args":
        name = "args_entrypoint" if getattr(parsed, "entrypoint", None) else "args"
        return "", texts.say(name)
    if field == "command":
        return "", texts.say("command")
    (word,) = tokens
    if match := _SUBSTITUTED.fullmatch(word):
        return "", texts.say("substituted", value=match[1])
    name = verb.command_name()
    if explain := _EXPLAINERS.get(f"{name}:{field}") or _EXPLAINERS.get(field):
        return explain(texts, word)
    sentence = texts.operand(name, field, word)
    return "", sentence or texts.say("operand", word=field.replace("_", " "), value=word)


def _image(texts: Texts, word: str) -> tuple[str, str]:
    if reference.is_identity(word):
        return "", texts.say("image_id")
    try:
        image = reference.parse(word)
    except reference.ReferenceError as error:
        text = texts.say("image_plain", value=word)
        return "", texts.say("refused", text=text, reason=str(error))
    kind = "image_digest" if image.digest else "image_tag" if image.tag else "image_latest"
    sentence = texts.say(kind, domain=image.domain, path=image.path, tag=image.tag)
    return str(image.tagged), sentence


def _copied(texts: Texts, word: str) -> tuple[str, str]:
    """Explain a path of `docker cp`: `CONTAINER:PATH`, `PATH` or `-`."""
    container, colon, path = word.partition(":")
    if word == "-":
        return "", texts.say("cp_stream")
    if colon and not word.startswith((".", "/")):
        return "", texts.say("cp_container", container=container, path=path)
    return _absolute(word), texts.say("cp_here", path=word)


def _context(texts: Texts, word: str) -> tuple[str, str]:
    if word == "-":
        return "", texts.say("context_stdin")
    if word.startswith(_URLS):
        return "", texts.say("context_url", value=word)
    return _absolute(word), texts.say("context_folder", path=word)


def _absolute(path: str) -> str:
    """Return the absolute path. Unlike Path.resolve(), it keeps symbolic links."""
    return os.path.abspath(path)  # noqa: PTH100


def _compose_verb(texts: Texts, word: str) -> tuple[str, str]:
    name = f"compose_{word}"
    return "", texts.say(name if texts.has(name) else "compose_verb", value=word)


def _compose_option(texts: Texts, word: str) -> tuple[str, str]:
    return "", texts.say("compose_option", value=word)


_EXPLAINERS: dict[str, _Explainer] = {
    "image": _image,
    "images": _image,
    "compose:options": _compose_option,
    "compose:verb": _compose_verb,
    "container commit:reference": _image,
    "container cp:destination": _copied,
    "container cp:source": _copied,
    "image build:path": _context,
    "image import:reference": _image,
    "image pull:reference": _image,
    "image push:name": _image,
    "image tag:source": _image,
    "image tag:target": _image,
}
