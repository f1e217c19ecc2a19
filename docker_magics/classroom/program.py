"""The arguments of `docker-magics class`."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NoReturn

from docker_magics.errors import UsageError

from . import answers, certificate, page, roster


def run(args: Sequence[str]) -> Iterable[str]:
    """Yield what `docker-magics class` prints, in pieces.

    Raises:
        UsageError: an argument is invalid, or a file cannot be read, signed or verified.
    """
    options = _parser().parse_args(args)
    place = Path(options.place)
    if options.answers:
        yield answers.answer_key()
    elif options.verify:
        yield f"{certificate.verify(place, Path(options.verify))}\n"
    elif options.sign:
        for path in certificate.sign(roster.learners(place), Path(options.sign), Path(options.to)):
            yield f"{path}\n"
    else:
        show = page.as_csv if options.csv else page.as_html
        yield show(roster.learners(place))


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """Raise the error as the program shows others."""
        raise UsageError(message, hint=f"See '{self.prog} --help'.")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="docker-magics class", description="Show who is where in the course, as an HTML page."
    )
    parser.add_argument(
        "place",
        nargs="?",
        default=".",
        metavar="FOLDER",
        help="the folder of the learners' progress files; with --verify: a certificate",
    )
    instead = parser.add_mutually_exclusive_group()
    instead.add_argument("--csv", action="store_true", help="print a table for spreadsheets")
    instead.add_argument("--answers", action="store_true", help="print the answer key")
    instead.add_argument("--sign", metavar="KEY", help="write certificates, signed with an SSH key")
    instead.add_argument("--verify", metavar="KEY.pub", help="verify a certificate")
    parser.add_argument(
        "--to", metavar="DIR", default="certificates", help="the folder of the certificates"
    )
    return parser
