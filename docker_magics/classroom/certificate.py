"""Certificates: a statement of the teacher on a learner's progress, signed with an SSH key.

`ssh-keygen -Y` signs and verifies; everyone who has the teacher's public key can verify, offline.
The signature shows that the owner of the key made the statement, and that it has not been changed
since. It does not show that the learner did the exercises: a progress file is the learner's own.

source: ssh-keygen(1), -Y sign and -Y verify; openssh PROTOCOL.sshsig
"""

from __future__ import annotations

import html
import json
import re
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from docker_magics.course.check_result import escaped
from docker_magics.course.exercises import sections
from docker_magics.errors import UsageError, clean
from docker_magics.phrase import Phrase, language

from .page import document
from .roster import Learner

#: Signatures of the key for other purposes do not count as certificates.
_NAMESPACE = "certificate@docker-magics"
_SIGNER = "teacher"
_BLOCK = r'<pre id="{name}">(.*?)</pre>'

_TITLE = Phrase("Certificate", "수료증")
_HAS_DONE = Phrase(
    "has done all exercises of these sections of the Docker course:",
    "위 사람은 도커 과정에서 다음 장의 연습 문제를 모두 마쳤습니다.",
)
_VERIFY = Phrase(
    "Save this page as a file. Anyone who has the teacher's public key can verify it offline: "
    "{command}",
    "이 페이지를 파일로 저장하세요. 선생님의 공개 키가 있으면 인터넷 없이 확인할 수 있어요. "
    "{command}",
)
_COMMAND = "docker-magics class FILE --verify KEY.pub"
_GENUINE = Phrase(
    "{file}: genuine. {learner}, {date}, sections: {sections}",
    "{file}: 서명이 유효해요. {learner}, {date}, 마친 장: {sections}",
)
_NOT_ONE = Phrase("{file} is not a certificate", "{file} 파일은 수료증이 아니에요")
_FORGED = Phrase(
    "{file}: the signature is not valid: the text was changed, or another key has signed it",
    "{file}: 서명이 맞지 않아요. 내용이 바뀌었거나 다른 키로 서명했어요",
)
_NO_PROGRAM = Phrase(
    "cannot run ssh-keygen: it is not installed", "ssh-keygen이 설치되어 있지 않아요"
)
_INSTALL = Phrase("Install OpenSSH's client.", "OpenSSH 클라이언트를 설치하세요.")
_CANNOT_SIGN = Phrase("cannot sign with {key}: {reason}", "{key} 키로 서명할 수 없어요: {reason}")
_CANNOT_READ = Phrase("cannot read {file}: {reason}", "{file} 파일을 읽을 수 없어요: {reason}")
_CANNOT_WRITE = Phrase("cannot write to {folder}: {reason}", "{folder}에 쓸 수 없어요: {reason}")

_STYLE = """
@page { size: A4 landscape; margin: 15mm; }
:root { color-scheme: light; }
body { font: 1.1rem/1.6 system-ui, sans-serif; margin: 2rem auto; max-width: 52rem; }
header { border: 3px double #1f9d78; padding: 1.5rem; text-align: center; }
h1 { margin: 0; }
.name { font-size: 2rem; margin: 1rem 0 0; overflow-wrap: anywhere; }
ul { display: inline-block; margin: .5rem; text-align: left; }
footer { font-size: .7rem; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; font-size: .7rem; line-height: 1.3; }
"""


def sign(learners: Iterable[Learner], key: Path, folder: Path) -> Iterator[Path]:
    """Write a certificate for each learner who has completed a section; yield the files.

    ssh-keygen asks for the key's passphrase; with `ssh-agent` and the public key it asks nothing.

    Args:
        learners: the class.
        key: the teacher's private key, or the public one if an agent has the private one.
        folder: where to write NAME.html; it should belong to the teacher.

    Raises:
        UsageError: the key does not sign, or the folder cannot be written to.
    """
    date = datetime.now(UTC).date().isoformat()
    names: set[str] = set()
    for learner in learners:
        if not learner.completed:
            continue
        statement = _statement(learner, date)
        signature = _signature(statement, key)
        path = folder / f"{_file_name(learner.name, names)}.html"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            path.write_text(_page(learner, date, statement, signature), encoding="utf-8")
        except OSError as error:
            text = str(_CANNOT_WRITE).format(folder=folder, reason=error.strerror)
            raise UsageError(text) from error
        yield path


def verify(file: Path, public_key: Path) -> str:
    """Return what a certificate's signed statement says; the page around it is not signed.

    Raises:
        UsageError: the file is not a certificate, or was not signed with the key.
    """
    text = _read(file)
    statement, signature = _block(text, "statement"), _block(text, "signature")
    if not statement or not signature:
        raise UsageError(str(_NOT_ONE).format(file=file))
    with tempfile.TemporaryDirectory() as private:
        signers, signed = Path(private, "signers"), Path(private, "signature")
        signers.write_text(f"{_SIGNER} {_read(public_key).strip()}\n", encoding="utf-8")
        signed.write_text(f"{signature}\n", encoding="utf-8")
        options = ("-f", str(signers), "-I", _SIGNER, "-n", _NAMESPACE, "-s", str(signed))
        outcome = _ssh_keygen("verify", *options, text=statement)
    if outcome.returncode:
        raise UsageError(str(_FORGED).format(file=file))
    content = json.loads(statement)
    values = {name: clean(str(content[name])) for name in ("learner", "date")}
    return str(_GENUINE).format(file=file, sections=", ".join(content["sections"]), **values)


def _statement(learner: Learner, date: str) -> str:
    content: dict[str, Any] = {
        "course": "docker_magics",
        "learner": learner.name,
        "date": date,
        "sections": learner.completed,
        "done": sorted(learner.done),
    }
    return json.dumps(content, ensure_ascii=False)


def _signature(statement: str, key: Path) -> str:
    outcome = _ssh_keygen("sign", "-q", "-f", str(key), "-n", _NAMESPACE, text=statement)
    if outcome.returncode:
        reason = outcome.stderr.decode(errors="replace").strip().rpartition("\n")[2]
        raise UsageError(str(_CANNOT_SIGN).format(key=key, reason=reason))
    return outcome.stdout.decode().strip()


def _ssh_keygen(action: str, *options: str, text: str) -> subprocess.CompletedProcess[bytes]:
    command = ["ssh-keygen", "-Y", action, *options]
    try:
        return subprocess.run(command, input=text.encode(), capture_output=True, check=False)  # noqa: S603
    except FileNotFoundError as error:
        raise UsageError(str(_NO_PROGRAM), hint=str(_INSTALL)) from error


def _page(learner: Learner, date: str, statement: str, signature: str) -> str:
    items = "".join(
        f"<li>{number} {escaped(sections()[number].title[language()])}</li>"
        for number in learner.completed
    )
    how = str(_VERIFY).format(command=f"<code>{_COMMAND}</code>")
    body = (
        f'<header><h1>{_TITLE}</h1><p class="name">{escaped(learner.name)}</p>'
        f"<p>{_HAS_DONE}</p><ul>{items}</ul><p>{date}</p></header>"
        f"<footer><p>{how}</p>{_pre('statement', statement)}{_pre('signature', signature)}</footer>"
    )
    return document(f"{_TITLE}: {learner.name}", _STYLE, body)


def _pre(name: str, text: str) -> str:
    return f'<pre id="{name}">{html.escape(text)}</pre>'


def _block(page: str, name: str) -> str:
    match = re.search(_BLOCK.format(name=name), page, re.DOTALL)
    return html.unescape(match[1]) if match else ""


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "not UTF-8"
        raise UsageError(str(_CANNOT_READ).format(file=file, reason=reason)) from error


def _file_name(name: str, used: set[str]) -> str:
    """Return a file name for a learner that is not used yet, and note it."""
    safe = re.sub(r"[^\w.-]+", "-", name).strip(".-")[:80] or "learner"
    number, candidate = 1, safe
    while candidate.casefold() in used:
        number += 1
        candidate = f"{safe}-{number}"
    used.add(candidate.casefold())
    return candidate
