"""Compose's output as it arrives, and Compose on a terminal."""

from __future__ import annotations

import io

import pytest
from unit.compose.conftest import MakeCall

from docker_magics.compose.failure import ComposeFailed
from docker_magics.compose.process import ComposeConsole, ComposeProcess
from docker_magics.results.show import Silent, consume_process


def test_output_and_exit_code(make_call: MakeCall) -> None:
    code = "print(sys.stdin.read()); print('e', file=sys.stderr); sys.exit(4)"
    output = consume_process(ComposeProcess(make_call(code, "logs", body="b")), Silent())
    assert (output, output.stderr, output.exit_code) == ("b", "e", 4)


def test_a_process_that_ignores_interrupts_is_killed(make_call: MakeCall) -> None:
    code = "import signal; signal.signal(2, signal.SIG_IGN); print('x', flush=True); time.sleep(60)"
    process = ComposeProcess(make_call(code, "logs", "-f"))
    arrivals = process.arrivals()
    next(arrivals)
    messages = [process.interrupt(times) for times in (1, 2, 3)]
    assert list(arrivals) == []
    assert process.result() == -9
    process.close()
    assert messages[-1] == "killed Compose; see what still runs: docker ps"


def test_closing_ends_it(make_call: MakeCall) -> None:
    process = ComposeProcess(make_call("print('x', flush=True); time.sleep(60)", "logs", "-f"))
    next(process.arrivals())
    process.close()
    assert process.result() == -15


def test_a_terminal(make_call: MakeCall) -> None:
    code = "print(os.isatty(0), os.get_terminal_size(), repr(input())); sys.exit(5)"
    console = ComposeConsole(make_call(code, "run", "-it", "web"), None)
    console.resize(30, 90)
    console.write(b"hello\n")
    shown = b"".join(frame.data for frame in console.arrivals())
    assert b"True os.terminal_size(columns=90, lines=30) 'hello'" in shown
    assert console.result() == 5
    console.close()


def test_input_is_typed(make_call: MakeCall) -> None:
    console = ComposeConsole(make_call("print(input())", "run", "-it", "web"), io.BytesIO(b"hi\n"))
    assert consume_process(console, Silent()).splitlines()[-1] == "hi"


def test_a_terminal_reads_the_body_as_a_file(make_call: MakeCall) -> None:
    code = "print(open(sys.argv[2]).read(), sys.argv[3:])"
    call = make_call(code, "run", "-it", "web", options=("--file", "-"), body="services:")
    console = ComposeConsole(call, None)
    shown = b"".join(frame.data for frame in console.arrivals())
    assert b"services: ['--project-directory', '.', 'run', '-it', 'web']" in shown
    console.close()


def test_a_hang_up_ends_it(make_call: MakeCall) -> None:
    console = ComposeConsole(make_call("print('x'); time.sleep(60)", "run", "-it", "web"), None)
    next(console.arrivals())
    assert console.interrupt(1) == "typed ctrl-c; interrupt again to end it"
    assert "docker compose ps" in str(console.interrupt(2))
    assert console.result() == -1
    console.close()
    console.write(b"x")
    console.resize(1, 1)


def test_the_output_of_a_failed_call(make_call: MakeCall) -> None:
    with pytest.raises(ComposeFailed, match="no such service: x"):
        make_call("sys.exit('no such service: x')", "port", "x", "80").output()
