"""The Dockerfile parser."""

from __future__ import annotations

import pytest

from docker_magics.wire.dockerfile import DockerfileError, heredoc_word, parse


def test_instructions_have_keywords_arguments_and_lines() -> None:
    parsed = parse(
        "# a comment\n"
        "FROM alpine AS base\n"
        "\n"
        "run echo a \\\n"
        "    # skipped\n"
        "    && echo b\n"
        'CMD ["sh", "-c"]\n'
    )
    from_, run, cmd = parsed.instructions
    assert (from_.keyword, from_.args, from_.line) == ("FROM", ("alpine", "AS", "base"), 2)
    assert (run.keyword, run.line) == ("RUN", 4)
    assert run.args == ("echo a     && echo b",)
    assert not run.is_json
    assert (cmd.args, cmd.is_json) == (("sh", "-c"), True)


@pytest.mark.parametrize(
    ("line", "args"),
    [
        ("ENV a=1 b='x y' c=\"d e\"", ("a", "1", "b", "'x y'", "c", '"d e"')),
        ("ENV name the whole rest", ("name", "the whole rest")),
        ("LABEL k=v", ("k", "v")),
        ("ENV", ()),
        ("ARG a b=c", ("a", "b=c")),
        (r"ARG a\ b", (r"a\ b",)),
        ("EXPOSE 80 443/udp", ("80", "443/udp")),
        ("COPY a b c", ("a", "b", "c")),
        ('COPY ["a b", "c"]', ("a b", "c")),
        ("VOLUME /data /log", ("/data", "/log")),
        ("WORKDIR /a b", ("/a b",)),
        ("SHELL [not json", ("[not json",)),
        ("HEALTHCHECK NONE", ("NONE",)),
        ("HEALTHCHECK CMD true", ("CMD", "true")),
        ('HEALTHCHECK CMD ["true", "x"]', ("CMD", "true", "x")),
        ("HEALTHCHECK", ()),
        ("STOPSIGNAL 9", ("9",)),
    ],
)
def test_arguments(line: str, args: tuple[str, ...]) -> None:
    (instruction,) = parse(line).instructions
    assert instruction.args == args


def test_flags_are_split_from_arguments() -> None:
    (copy,) = parse("COPY --from=base --chown='a b' --  --x y").instructions
    assert copy.flags == ("--from=base", "--chown=a b")
    assert copy.args == ("--x", "y")


def test_onbuild_has_a_trigger() -> None:
    (instruction,) = parse("ONBUILD RUN --network=none make").instructions
    assert instruction.trigger is not None
    assert instruction.trigger.keyword == "RUN"
    assert instruction.trigger.flags == ("--network=none",)
    assert instruction.args == ("RUN --network=none make",)


def test_the_escape_directive_changes_continuations() -> None:
    parsed = parse("# escape=`\nRUN a `\n b\nRUN c \\\n")
    assert parsed.escape == "`"
    assert [instruction.args for instruction in parsed.instructions] == [("a  b",), ("c \\",)]


def test_heredocs() -> None:
    text = "RUN <<EOF cat <<-'END'\none $x\nEOF\n\ttwo\n\tEND\nUSER me\n"
    run, user = parse(text).instructions
    first, second = run.heredocs
    assert (first.name, first.content, first.expands, first.text) == (
        "EOF", "one $x\n", True, "one $x\n",
    )  # fmt: skip
    assert (second.name, second.text, second.expands, second.chomps) == (
        "END",
        "two\n",
        False,
        True,
    )
    assert run.line == 1
    assert user.keyword == "USER"


@pytest.mark.parametrize("word", ["<<", "<", "a", "<<<x", "<<a b"])
def test_words_that_are_not_heredocs(word: str) -> None:
    assert heredoc_word(word) is None


def test_a_heredoc_with_a_descriptor() -> None:
    heredoc = heredoc_word("3<<-EOF")
    assert heredoc is not None
    assert (heredoc.name, heredoc.descriptor, heredoc.chomps) == ("EOF", "3", True)


def test_only_run_copy_and_add_have_heredocs() -> None:
    cmd, other = parse("CMD cat <<EOF\nUSER x\n").instructions
    assert cmd.heredocs == ()
    assert other.keyword == "USER"


def test_an_empty_continuation_is_warned_of() -> None:
    parsed = parse("RUN a \\\n\n  b\n")
    assert parsed.warnings == ("Empty continuation line found in: RUN a   b",)


@pytest.mark.parametrize(
    ("text", "message", "line"),
    [
        ("", "file with no instructions", 0),
        ("# only a comment\n", "file with no instructions", 0),
        ("# escape=x\nRUN a", "invalid escape token 'x' does not match ` or \\", 1),
        ("# escape=`\n# escape=`\nRUN a", "only one escape parser directive can be used", 2),
        ("FROM a\nENV name", "ENV must have two arguments", 2),
        ("ENV a=1 b", 'Syntax error - can\'t find = in "b"', 1),
        ("CMD [1, 2]", "arrays must be comprised of strings only", 1),
        ("RUN <<EOF\nx\n", "unterminated heredoc", 1),
    ],
)
def test_errors_name_the_line(text: str, message: str, line: int) -> None:
    with pytest.raises(DockerfileError) as caught:
        parse(text)
    assert message in str(caught.value)
    assert caught.value.line == line
