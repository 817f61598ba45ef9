"""What scenarios used reaches the gate over a pipe, which a real child process inherits."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from gonogo.secrets.handover import MAX_LINE_BYTES, VARIABLE, SecretsReceiver, SecretsSender
from gonogo.secrets.known import Secrets
from gonogo.secrets.masking import Masker
from tests.masks import mask, masker

CARD = "4111111111111111"
SENDER = ("import os; from gonogo.secrets.handover import SecretsSender; from gonogo.secrets.known import Secrets\n"
          "sender = SecretsSender.inherited(os.environ)\n")


def received(code: str) -> Masker:
    """The gate's masker after a child ran `code`."""
    known = masker()
    receiver = SecretsReceiver(known)
    child = subprocess.Popen([sys.executable, "-c", SENDER + code], pass_fds=[receiver.writer],
                             env={**receiver.variables, "PYTHONPATH": ":".join(sys.path)})
    receiver.handed_over()
    assert child.wait(30) == 0
    receiver.close(5)
    return known


def test_secrets_of_a_child_are_masked_by_the_gate() -> None:
    known = received(f"sender.send(Secrets({{'{CARD}': 'card'}})); sender.send(Secrets({{'hunter': 'password'}}), 'abc')")
    assert known.text(f"paid {CARD} as hunter") == f"paid {mask(CARD, 'card')} as hunter"
    assert known.within("abc").text(f"paid {CARD} as hunter") == f"paid {mask(CARD, 'card')} as {mask('hunter', 'password')}"
    assert {mask(CARD, "card"), mask("hunter", "password")} <= known.marks()


def test_processes_that_the_child_starts_have_no_pipe() -> None:
    """Code of a suite cannot claim secrets, nor keep the gate waiting."""
    received("import subprocess, sys\n"
             f"assert '{VARIABLE}' not in os.environ\n"
             "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(30)'], close_fds=False)\n")


@pytest.mark.parametrize("written", ["b'{'", "b'[]'", "b'{\"trace\": 1}'", "b'{\"trace\": \"\", \"values\": 5}'", "bytes(range(128, 256))",
                                     "b'x' * 3_000_000", "b'[' * 100_000"])
def test_odd_lines_are_left_out(written: str) -> None:
    known = received(f"with open(sender._descriptor, 'wb', closefd=False) as pipe:\n    pipe.write({written} + b'\\n')\n"
                     "sender.send(Secrets({'hunter-1': 'password'}))")
    assert known.text("hunter-1") == mask("hunter-1", "password")


def test_what_is_too_long_for_a_line_is_not_sent() -> None:
    """Half a line would be taken for another secret."""
    known = received(f"sender.send(Secrets({{'x' * {MAX_LINE_BYTES}: 'password'}})); sender.send(Secrets({{'hunter-1': 'password'}}))")
    assert known.text("hunter-1") == mask("hunter-1", "password")


@pytest.mark.parametrize("environ", [{}, {VARIABLE: ""}, {VARIABLE: "x"}, {VARIABLE: "987654"}])
def test_without_a_gate_nothing_is_sent(environ: dict[str, str]) -> None:
    SecretsSender.inherited(environ).send(Secrets({"hunter": "password"}))
    assert environ == {}


def test_gate_that_has_died_does_not_stop_the_child() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    SecretsSender(writer).send(Secrets({"hunter": "password"}))
    os.close(writer)
