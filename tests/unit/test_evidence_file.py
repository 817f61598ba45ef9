"""evidence.json and contracts.json: damage is refused with its place, and what was written is read again."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from gonogo.core.errors import ConfigError, EvidenceError
from gonogo.model.calls import Unrecorded, UnrecordedCause
from gonogo.model.identity import ScenarioId
from gonogo.model.journeys import JourneysEvidence
from gonogo.model.load import LoadEvidence
from gonogo.model.logs import LogRecord
from gonogo.model.not_checked import HistoryDamaged, HistoryPart, HistoryUnusable
from gonogo.model.rules.gate import PluginFailed, StageSkipped
from gonogo.model.scenarios import EmptyPlace, Scenario, ScenarioEvidence
from gonogo.model.span import Span
from gonogo.model.stages import Ending, ProcessEnd
from gonogo.records import evidence_file
from gonogo.records.evidence_file import (
    EVIDENCE_FILE,
    BaselineRecord,
    EvidenceDocument,
    SkippedRecord,
    StageRecord,
    TrafficRecord,
    named,
    read_evidence,
    write_evidence,
)
from gonogo.records.evidence_parts import load_part, reread_load, reread_scenarios, scenarios_part
from gonogo.records.logs import LOGS_FILE, write_logs
from gonogo.records.spans import SPANS_FILE, append_spans
from gonogo.traffic.contract import document_file
from gonogo.traffic.contract.document_file import CONTRACTS_FILE, read_contracts, write_contracts
from gonogo.traffic.contract.documents import Documents
from gonogo.traffic.recordings import logs_in, spans_in
from tests.masks import mask, masker

PAYS = ScenarioId("features/journeys/paying.feature", "", "Ana pays in <currency>", cells=(("currency", "GBP"),), row=1)
DOCUMENT = EvidenceDocument(
    schema=1, gonogo="1.0", run="r1", environment="preprod", started="2026-01-01T00:00:00+00:00",
    ended="2026-01-01T00:01:00+00:00", stages=("behaviour", "load"), partial=True, tags=("@must",), profiles=("steady",),
    url="http://shop", mail="http://mail", addresses=named({"token-service": "http://127.0.0.1:1"}),
    installed_stages=("behaviour",), release=named({"password-store": "sha256:aa"}), probed=True, interrupted=True,
    results=(StageRecord(stage="behaviour", planned=2, executed=1, load_window=(1.5, 2.5), evidence={"finished": True},
                         processes=(ProcessEnd(Ending.TIMED_OUT, None, "last words", 3.5, 4.0, "behave.log"),)),),
    skipped=(SkippedRecord(stage="load", reason=StageSkipped("stopped")),),
    baseline=BaselineRecord(run="r0", promoted=True),
    history_problems=(HistoryDamaged(HistoryPart.LOAD, "r0", "steady"), HistoryUnusable("locked")),
    plugin_faults=(PluginFailed("gonogo.stages: weight", "weight 1.0", "run", "hung", "after 1 s"),),
    input_changes=("steps/a.py changed",),
    traffic=TrafficRecord(trace_prefix="ab" * 8, spans=3, span_problems=("cut",), missed_by_tap=(
        Unrecorded(UnrecordedCause.TAP, 2, "tap.ndjson"),)))


def run_folder(folder: Path, **files: str) -> Path:
    """A run folder with evidence, of which each file is named `<name>.json`."""
    for name, text in (files or {"platform": "{}"}).items():
        (folder / f"{name}.json").write_text(text)
    write_evidence(folder, DOCUMENT, masker({"SHOP_PASSWORD": "hunter22-secret"}))
    return folder


def changed(member: str, value: object) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        document = json.loads((folder / EVIDENCE_FILE).read_text())
        (folder / EVIDENCE_FILE).write_text(json.dumps({**document, member: value}))
    return change


DAMAGES: dict[str, tuple[Callable[[Path], object], str]] = {
    "no evidence": (lambda folder: (folder / EVIDENCE_FILE).unlink(), "cannot be read: No such file"),
    "half of it": (lambda folder: (folder / EVIDENCE_FILE).write_text('{"schema": 1, "run'), "is not valid: the document"),
    "of a later version": (changed("schema", 2), "is not valid: schema"),
    "an unknown member": (changed("more", 1), "is not valid: more"),
    "a member is missing": (lambda folder: (folder / EVIDENCE_FILE).write_text('{"schema": 1}'), "is not valid: gonogo"),
    "a file is gone": (lambda folder: (folder / "platform.json").unlink(), "cannot be read: No such file"),
    "a file was changed": (lambda folder: (folder / "platform.json").write_text("[]"), "has changed since"),
    "a file is a folder": (lambda folder: [(folder / "platform.json").unlink(), (folder / "platform.json").mkdir()],
                           "cannot be read: Is a directory"),
    "a file outside": (changed("files", [{"path": "../a.json", "sha256": "0"}]), "outside of the run folder"),
    "an absolute path": (changed("files", [{"path": "/etc/hosts", "sha256": "0"}]), "outside of the run folder"),
}


@pytest.mark.parametrize("case", DAMAGES)
def test_damaged_evidence_is_refused(tmp_path: Path, case: str) -> None:
    damage, message = DAMAGES[case]
    damage(run_folder(tmp_path))
    with pytest.raises(EvidenceError, match=message) as raised:
        read_evidence(tmp_path)
    assert raised.value.where


def test_too_large_evidence_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evidence_file, "MAX_FILE_BYTES", 100)
    with pytest.raises(EvidenceError, match="is larger than"):
        read_evidence(run_folder(tmp_path))


def test_evidence_is_read_as_it_was_written(tmp_path: Path) -> None:
    """Names of components that look like those of secrets are no names of secrets."""
    read = read_evidence(run_folder(tmp_path))
    assert read.model_copy(update={"files": ()}) == DOCUMENT
    assert [each.path for each in read.files] == ["platform.json"]


def test_only_files_that_evidence_is_read_from_have_digests(tmp_path: Path) -> None:
    """Reports are written later, and a link may lead anywhere."""
    (tmp_path / "behaviour").mkdir()
    for name in ("behaviour/messages.ndjson", "behaviour/trace.zip", "tap.har", "behave.log", "verdict.json"):
        (tmp_path / name).write_text("x")
    (tmp_path / "link.json").symlink_to("/etc/hosts")
    assert [each.path for each in read_evidence(run_folder(tmp_path, run="{}")).files] == [
        "behaviour/messages.ndjson", "run.json", "tap.har"]


def test_secrets_are_masked(tmp_path: Path) -> None:
    document = DOCUMENT.model_copy(update={"provision_error": "cannot log in with hunter22-secret"})
    write_evidence(tmp_path, document, masker({"SHOP_PASSWORD": "hunter22-secret"}))
    assert read_evidence(tmp_path).provision_error == f"cannot log in with {mask('hunter22-secret', 'password')}"


def test_scenarios_without_a_record_are_read_again(tmp_path: Path) -> None:
    """All that is not in messages.ndjson: what was left out, what is empty, and whether the record was altered."""
    evidence = ScenarioEvidence((), finished=True, faults=("worker 2 died",), altered=True,
                                left_out=(Scenario(PAYS, "Ana pays in GBP", "Paying", 7, ("must",)),),
                                empty=(EmptyPlace("suffix", "features/a.FEATURE"),))
    assert reread_scenarios(tmp_path, json.loads(json.dumps(scenarios_part(evidence)))) == evidence


def test_load_without_a_record_is_read_again(tmp_path: Path) -> None:
    """A generator that left nothing sent nothing, also when the run is judged again; the journeys keep their faults."""
    journeys = JourneysEvidence({PAYS: 7}, faults=("their process exited (2)",), until_s=0.0, began_s=12.5)
    left = (LoadEvidence(profile="steady", journeys=journeys), LoadEvidence(profile="spike"))
    assert reread_load(tmp_path, "load", json.loads(json.dumps(load_part(left)))) == left


@pytest.mark.parametrize("part", [{}, {"profiles": [{"profile": 1}]}, {"profiles": [{"profile": "a", "journeys": {
    "planned": [["no key", 1]], "finished": True, "faults": [], "began_s": 0}}]}], ids=["empty", "no name", "no key"])
def test_invalid_part_of_a_stage_is_refused(tmp_path: Path, part: dict[str, object]) -> None:
    with pytest.raises(EvidenceError, match="no valid evidence of the stage"):
        reread_load(tmp_path, "load", part)


def test_spans_of_steps_are_not_those_that_were_received(tmp_path: Path) -> None:
    spans = [Span("a" * 32, str(number) * 16, "", "shop", "GET", "server", 1.0, 2.0) for number in range(3)]
    append_spans(tmp_path / SPANS_FILE, spans, masker())
    assert spans_in(tmp_path, 2) == tuple(spans[:2])
    assert spans_in(tmp_path, 0) == ()
    with pytest.raises(EvidenceError, match="has 3 spans; the run received 4"):
        spans_in(tmp_path, 4)


def test_log_records_are_all_that_were_kept(tmp_path: Path) -> None:
    records = (LogRecord("shop", "no money", "error", trace_id="a" * 32), LogRecord("shop", "with ***card:4f2a"))
    write_logs(tmp_path / LOGS_FILE, records, masker())
    assert logs_in(tmp_path, 2) == records
    for count in (1, 3):
        with pytest.raises(EvidenceError, match=f"has 2 records; the run kept {count}"):
            logs_in(tmp_path, count)
    (tmp_path / LOGS_FILE).unlink()
    assert logs_in(tmp_path, 0) == ()
    with pytest.raises(EvidenceError, match="has 0 records; the run kept 2"):
        logs_in(tmp_path, 2)


def test_documents_are_read_as_they_were_written(tmp_path: Path) -> None:
    """A member of a schema that is named like a secret is no secret; a known secret is masked."""
    schema = {"openapi": "3.0.3", "paths": {"/in": {"password": {"type": "string", "example": "hunter22-secret"}}}}
    write_contracts(tmp_path, Documents({"shop": schema}, {"shop": ("/out: no",)}, {
        "bank": ConfigError("It is no document.", where="bank.yml", fix="write one.")}), masker({"A_PASSWORD": "hunter22-secret"}))
    read = read_contracts(tmp_path)
    assert read.by_component["shop"]["paths"]["/in"]["password"] == {
        "type": "string", "example": mask("hunter22-secret", "password")}
    assert read.problems == ("contract of bank: It is no document.; at bank.yml; fix: write one.",
                             "contract of shop: not checked: /out: no")


@pytest.mark.parametrize(("text", "message"), [
    (None, "cannot be read"), ("{", "is damaged"), ('{"schema": 1}', "is damaged"), ('{"schema": 2, "contracts": []}', "is damaged"),
    ('{"schema": 1, "contracts": []}' + " " * 99, "is larger than")])
def test_damaged_documents_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str | None, message: str) -> None:
    monkeypatch.setattr(document_file, "MAX_FILE_BYTES", 99)
    if text is not None:
        (tmp_path / CONTRACTS_FILE).write_text(text)
    with pytest.raises(EvidenceError, match=message):
        read_contracts(tmp_path)
