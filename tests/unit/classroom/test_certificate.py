"""Certificates: signed by a teacher's key, verified by its public half."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from unit.classroom.test_roster import EVERYTHING, write

from docker_magics import program
from docker_magics.classroom.certificate import sign, verify
from docker_magics.classroom.roster import learners
from docker_magics.errors import UsageError


@pytest.fixture
def key(tmp_path: Path) -> Path:
    """A teacher's private key; the public one is beside it."""
    return _new_key(tmp_path / "key")


def _new_key(path: Path) -> Path:
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", path], check=True)
    return path


def _signed(tmp_path: Path, key: Path, *names: str) -> dict[str, Path]:
    for name in names:
        write(tmp_path / "class" / name, EVERYTHING[:7])
    paths = sign(learners(tmp_path / "class"), key, tmp_path / "signed")
    return {path.name: path for path in paths}


def test_a_certificate_is_verified_by_the_public_key(tmp_path: Path, key: Path) -> None:
    write(tmp_path / "class/beginner", EVERYTHING[:5])
    (path,) = _signed(tmp_path, key, "mina").values()
    assert verify(path, key.with_suffix(".pub")).startswith(f"{path}: genuine. mina, 20")
    assert verify(path, key.with_suffix(".pub")).endswith("sections: 02")
    text = path.read_text()
    assert "<li>02 Docker basics</li></ul>" in text
    assert "@page" in text


def test_a_changed_statement_and_another_key_are_refused(tmp_path: Path, key: Path) -> None:
    (path,) = _signed(tmp_path, key, "mina").values()
    other = _new_key(tmp_path / "other").with_suffix(".pub")
    with pytest.raises(UsageError, match="signature is not valid"):
        verify(path, other)
    path.write_text(path.read_text().replace("mina", "bora"))
    with pytest.raises(UsageError, match="signature is not valid"):
        verify(path, key.with_suffix(".pub"))


def test_what_verifies_is_the_statement_not_the_page_around_it(tmp_path: Path, key: Path) -> None:
    (path,) = _signed(tmp_path, key, "mina").values()
    path.write_text(path.read_text().replace('"name">mina', '"name">bora'))
    assert "genuine. mina," in verify(path, key.with_suffix(".pub"))


def test_a_signature_of_the_key_for_another_purpose_is_refused(tmp_path: Path, key: Path) -> None:
    path = tmp_path / "page.html"
    message = tmp_path / "message"
    message.write_text("anything")
    subprocess.run(["ssh-keygen", "-q", "-Y", "sign", "-f", key, "-n", "file", message], check=True)
    page = (
        f'<pre id="statement">anything</pre><pre id="signature">'
        f"{message.with_suffix('.sig').read_text()}</pre>"
    )
    path.write_text(page)
    with pytest.raises(UsageError, match="signature is not valid"):
        verify(path, key.with_suffix(".pub"))


def test_names_of_strangers_stay_in_the_folder(tmp_path: Path, key: Path) -> None:
    paths = _signed(tmp_path, key, "<b>x", "a/b", "a/c", "a-b", "지우", "-", "--")
    expected = {
        "a-b.html",
        "a-b-2.html",
        "a-c.html",
        "b-x.html",
        "learner.html",
        "learner-2.html",
        "지우.html",
    }
    assert set(paths) == expected
    assert {path.parent for path in paths.values()} == {tmp_path / "signed"}
    assert "<b>x" not in paths["b-x.html"].read_text()
    public = key.with_suffix(".pub")
    assert ": genuine. <b>x," in verify(paths["b-x.html"], public)


def test_errors_say_what_is_wrong(
    tmp_path: Path, key: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (path,) = _signed(tmp_path, key, "mina").values()
    with pytest.raises(UsageError, match=r"cannot sign with .*missing: "):
        list(sign(learners(tmp_path / "class"), tmp_path / "missing", tmp_path))
    (tmp_path / "path").touch()
    with pytest.raises(UsageError, match=r"cannot write to .*path: File exists"):
        list(sign(learners(tmp_path / "class"), key, tmp_path / "path"))
    with pytest.raises(UsageError, match="is not a certificate"):
        verify(key, key.with_suffix(".pub"))
    with pytest.raises(UsageError, match=r"cannot read .*: No such file"):
        verify(path, tmp_path / "missing.pub")
    monkeypatch.setenv("PATH", "")
    with pytest.raises(UsageError, match="ssh-keygen: it is not installed"):
        verify(path, key.with_suffix(".pub"))


def test_the_program_signs_and_verifies_in_korean(
    tmp_path: Path,
    key: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("DOCKER_MAGICS_LANG", "ko")
    write(tmp_path / "class/지우", EVERYTHING)
    target = tmp_path / "signed"
    arguments = ["class", str(tmp_path / "class"), "--sign", str(key), "--to", str(target)]
    assert program.run(arguments) == 0
    path = target / "지우.html"
    assert capsys.readouterr().out == f"{path}\n"
    assert "<h1>수료증</h1>" in path.read_text()
    assert program.run(["class", str(path), "--verify", f"{key}.pub"]) == 0
    assert "서명이 유효해요. 지우," in capsys.readouterr().out
