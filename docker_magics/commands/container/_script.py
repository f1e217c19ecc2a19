"""Whether a command line of a container needs a user, or runs to its end by itself."""

from __future__ import annotations

import re
from collections.abc import Sequence

#: Programs that are used with the keyboard, whatever their arguments are.
_FULL_SCREEN = frozenset(
    "emacs htop less man mc more nano nvim screen tmux top vi vim watch".split()  # noqa: SIM905
)
#: Interpreters: with a file or an option such as -c they run a script.
_INTERPRETERS = (
    r"(ash|bash|dash|fish|ghci|ipython3?|irb|julia|ksh|lua|node|php|python[\d.]*|R|sh|zsh)"
)
#: Clients whose arguments name a server or a database; with these options they run a script.
_CLIENTS = r"(cqlsh|mariadb|mongo|mongosh|mysql|psql|redis-cli|sqlite3|sqlcmd|valkey-cli)"
_SCRIPT_OPTIONS = r"-c|-e|-f|--eval|--execute|--command|--file(=.*)?|--eval=.*"


def ends_by_itself(command: Sequence[str]) -> bool:
    """Whether a command runs to its end without a user: `sh -c ...`, `ls`; not `bash`, `top`.

    Args:
        command: the program and its arguments; empty for the image's own command.
    """
    if not command:
        return False
    program, arguments = command[0].rpartition("/")[2], command[1:]
    if program in _FULL_SCREEN:
        return False
    has_option = any(re.fullmatch(_SCRIPT_OPTIONS, argument) for argument in arguments)
    if re.fullmatch(_CLIENTS, program):
        return has_option
    if re.fullmatch(_INTERPRETERS, program):
        return has_option or any(not argument.startswith("-") for argument in arguments)
    return True
