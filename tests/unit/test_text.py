"""Text of others is written and printed without lone surrogates and control characters."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from gonogo.core.errors import ConfigError
from gonogo.core.streams import lasting
from gonogo.core.text import encodable, printable, printable_lines
from gonogo.model.findings import Finding, Severity
from gonogo.model.identity import ScenarioId
from gonogo.model.progress import Progress
from gonogo.model.rules.scenarios import ScenarioEnded
from gonogo.model.verdict import Answer, Verdict
from gonogo.records.run_folder import write_json, write_whole
from gonogo.report.terminal import TerminalWatcher, print_verdict
from gonogo.secrets.masking import Masker
from gonogo.secrets.stream import masked_text

HOSTILE = "\x1b[31mred\x1b[0m \x07 \u202egnp \u2028 \x9b31m \udcff :x: [bold]b[/bold]"
HARMLESS = " [31mred [0m    gnp    31m � :x: [bold]b[/bold]"


@pytest.mark.parametrize("text, expected", [
    ("plain → text", "plain → text"),
    (HOSTILE, HARMLESS),
    ("GO\nNO-GO\r\x00", "GO NO-GO  "),
    ("1\xa0000 \u2009", "1\xa0000 \u2009"),  # an unusual space can be what differs
    ("می\u200cخواهم", "می\u200cخواهم"),
])
def test_printable_is_one_line_without_control_characters(text: str, expected: str) -> None:
    assert printable(text) == expected


def test_printable_lines_keep_line_breaks_and_tabs() -> None:
    assert printable_lines("a\tb\x1b\r\nc\n") == "a\tb \nc\n"


def test_encodable_replaces_lone_surrogates_alone() -> None:
    assert encodable("a\ud800b\udcffc😀") == "a�b�c😀"


def test_lone_surrogates_do_not_cost_a_record(tmp_path: Path) -> None:
    """They come from file names, answers and JSON; no encoding can write them."""
    write_json(tmp_path / "a.json", {"name\udcff": ["\ud800"]}, Masker())
    write_whole(tmp_path / "a.txt", "x\udcff", Masker())
    assert (tmp_path / "a.json").read_text("utf-8") == '{\n  "name�": [\n    "�"\n  ]\n}\n'
    assert (tmp_path / "a.txt").read_text("utf-8") == "x�"


def test_error_with_text_of_others_keeps_its_three_parts() -> None:
    error = ConfigError("Unknown key 'a\nNO-GO\x1b[2J'", where="f.yml:1\n  fix: none", fix="remove\nit")
    assert str(error) == "Unknown key 'a\n    NO-GO [2J'\n  at f.yml:1   fix: none\n  fix: remove it"


def _written(text: str) -> str:
    stream = io.StringIO()
    stdout = masked_text(stream, Masker())
    scenario = ScenarioId("features/a.feature", "", text)
    finding = Finding("behaviour", "scenario-failed", Severity.BLOCK, scenario,
                      ScenarioEnded(text, 9, mandatory=False, step=text, message=text), evidence=(text,))
    watcher = TerminalWatcher(stdout)
    watcher.note(text)
    watcher.stage_started("behaviour", text)
    watcher._last_line_at = -100.0
    watcher.progressed(Progress("behaviour", 0, 1, 0, text))
    print_verdict(Verdict(Answer.NO_GO, (finding,)), Path("runs/x"), stdout)
    print(text, file=stdout)
    return stream.getvalue()


def test_terminal_gets_text_of_others_without_escape_sequences_and_emoji_codes() -> None:
    """Neither a scenario's name nor a message can move the cursor, forge a verdict line, or become a picture."""
    written = _written(HOSTILE + "\nGO")
    assert not set(written) & set("\x1b\x07\u202e\u2028\x9b\udcff\r❌")
    assert written.count(":x: [bold]b[/bold]") == 8
    assert written.splitlines()[-3] == "NO-GO"  # the last two lines are what the test itself prints


class _Left(io.StringIO):
    def write(self, text: str) -> int:
        raise BrokenPipeError

    def flush(self) -> None:
        raise BrokenPipeError


def test_output_without_reader_is_dropped() -> None:
    """rich would end the process with exit code 1, which means NO-GO."""
    stdout = masked_text(_Left(), Masker())
    print_verdict(Verdict(Answer.GO, ()), Path("runs/x"), stdout)
    assert lasting(_Left()).write("text") == 4
