"""What the words that are no flags say."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence

from docker_magics.cli.command import Command
from docker_magics.wire import reference

from .texts import Texts

#: Language and word -> what it is in full, and the sentence.
_Said = Callable[[Texts, str], tuple[str, str]]

_URLS = ("http://", "https://", "git://", "github.com/", "git@")
_SUBSTITUTED = re.compile(r"\$\((docker .*)\)")


def operand_meaning(
    verb: type[Command],
    field: str,
    words: Sequence[str],
    parsed: Command | None,
    texts: Texts,
) -> tuple[str, str]:
    """What some operands of a command are in full ("" where they are it), and a sentence.

    Args:
        verb: the command.
        field: its field that takes them.
        words: one, or all that the container is to run.
        parsed: the whole line; None where its help is asked for.
        texts: the language.
    """
    if field == "args":
        name = "args_entrypoint" if getattr(parsed, "entrypoint", None) else "args"
        return "", texts.say(name)
    if field == "command":
        return "", texts.say("command")
    (word,) = words
    if match := _SUBSTITUTED.fullmatch(word):
        return "", texts.say("substituted", value=match[1])
    name = verb.command_name()
    if said := _SAID.get(f"{name}:{field}") or _SAID.get(field):
        return said(texts, word)
    found = texts.operand(name, field, word)
    return "", found or texts.say("operand", word=field.replace("_", " "), value=word)


def _image(texts: Texts, word: str) -> tuple[str, str]:
    if reference.is_identity(word):
        return "", texts.say("image_id")
    try:
        found = reference.parse(word)
    except reference.ReferenceError as error:
        text = texts.say("image_plain", value=word)
        return "", texts.say("refused", text=text, reason=str(error))
    kind = "image_digest" if found.digest else "image_tag" if found.tag else "image_latest"
    said = texts.say(kind, domain=found.domain, path=found.path, tag=found.tag)
    return str(found.tagged), said


def _copied(texts: Texts, word: str) -> tuple[str, str]:
    """A path of docker cp: `CONTAINER:PATH`, `PATH`, or `-`."""
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
    """A path from the root; not Path.resolve(): links stay as they are."""
    return os.path.abspath(path)  # noqa: PTH100


_SAID: dict[str, _Said] = {
    "image": _image,
    "images": _image,
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
