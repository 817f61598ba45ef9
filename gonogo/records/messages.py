"""messages.ndjson, the record of a behave run: written line by line during the run, and read as evidence.

The format is Cucumber Messages (https://github.com/cucumber/messages), which many report tools read.
"""

from __future__ import annotations

import base64
import contextlib
import hmac
import json
from collections import defaultdict, deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, BinaryIO

from gonogo.config.features import DeclaredScenario, scenarios_in
from gonogo.core.errors import EvidenceError
from gonogo.model.scenarios import Attempt, Scenario, ScenarioEvidence, Status, StepChanges
from gonogo.records.ndjson_tail import MAX_LINE_BYTES
from gonogo.secrets.masking import Masker

Envelope = dict[str, Any]  # one message, by its kind: foreign JSON

# The types of exceptions of steps and hooks that have their own status.
BROWSER_LOST = "BrowserLost"
UNFINISHED = "Unfinished"
SUITE_ERROR = "SuiteError"
MARKED_FAILED = "MarkedFailed"  # by a hook that did not raise, as soft assertions do
REFUSED = "RequestRefused"
ASSERTS_NOTHING = "AssertsNothing"
LEFT_OUT = "LeftOut"  # of a step that a hook removed: the scenario can pass without it
_KINDS = {BROWSER_LOST: Status.BROWSER_LOST, UNFINISHED: Status.UNFINISHED, SUITE_ERROR: Status.SUITE_ERROR,
          MARKED_FAILED: Status.FAILED, REFUSED: Status.REFUSED,
          ASSERTS_NOTHING: Status.ASSERTS_NOTHING}
MESSAGES_FILE = "messages.ndjson"
FAULT_MEDIA_TYPE = "text/x.gonogo.fault+plain"
CHANGES_MEDIA_TYPE = "application/x.gonogo.step-changes+json"
SEAL_MEDIA_TYPE = "text/x.gonogo.seal+plain"
MAX_MESSAGE = 4_000  # characters of a result that are read
_LAST_KINDS = (b"attachment", b"testRunFinished")
_BLOCK = 1024 * 1024
_MAX_LINES = 3
_RERUN = "run the stage again; only the runner may write this file."
_NO_STEPS = "the scenario has no steps"


class MessagesFile:
    """Writes envelopes, masked, and flushes each, so that readers can follow the run and a crash loses none.

    Steps and whatever they start can write to the file as well. `key`, which they do not know, shows that.
    """

    def __init__(self, path: Path, masker: Masker, key: str = "") -> None:
        self.path = path
        self._masker = masker
        self._written = _keyed(key)
        with self._writing():
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file: BinaryIO = path.open("xb")  # never overwrite the record of another run
        self._key = key

    def write(self, kind: str, message: Mapping[str, Any]) -> None:
        self._append(kind, self._masked(message))

    def _append(self, kind: str, message: Mapping[str, Any]) -> None:
        line = json.dumps({kind: message}, ensure_ascii=False).encode("utf-8", "replace") + b"\n"
        with self._writing():
            self._file.write(line)
            self._file.flush()
        self._written.update(line)

    def seal(self) -> None:
        """Write the digest of all lines so far; only the end of the run may follow."""
        self._append("attachment", {"body": self._written.hexdigest(), "contentEncoding": "IDENTITY",
                                    "mediaType": SEAL_MEDIA_TYPE})

    @property
    def is_altered(self) -> bool:
        """Whether the file has other bytes than those that were written."""
        read = _keyed(self._key)
        with contextlib.suppress(OSError), self.path.open("rb") as file:
            while block := file.read(_BLOCK):
                read.update(block)
        return read.digest() != self._written.digest()

    def close(self) -> None:
        with self._writing():
            self._file.close()

    def _masked(self, message: Mapping[str, Any]) -> Mapping[str, Any]:
        """`message`, masked. A base64 attachment is decoded first."""
        if message.get("contentEncoding") != "BASE64":
            return self._masker.document(message)
        data = self._masker.data(base64.b64decode(message["body"]), str(message.get("mediaType", "")))
        rest = {key: value for key, value in message.items() if key != "body"}
        return {"body": base64.b64encode(data).decode(), **self._masker.document(rest)}

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise EvidenceError(f"The record of the run cannot be written: {error.strerror}.", where=str(self.path),
                                fix="free space on the disk, or choose another folder.") from error


def read_messages(path: Path, key: str | None = None) -> ScenarioEvidence:
    """The evidence in `path`. An incomplete last line is left out; any other damage raises EvidenceError.

    With the `key` of its writer, a finished record that has other lines than were written is `altered`.
    """
    record, seal = _Record(path.parent), _SealCheck(key or "")
    try:
        for envelope in _envelopes(path, seal):
            for kind, message in envelope.items():
                record.add(kind, message)
        evidence = record.evidence()
        return replace(evidence, altered=key is not None and evidence.finished and not seal.holds)
    except (LookupError, TypeError, AttributeError, ValueError, ArithmeticError) as error:
        raise EvidenceError("The record is inconsistent: a line refers to a missing line.", where=str(path),
                            fix=_RERUN) from error


class _SealCheck:
    """Compares the lines of a record with its seal, the last line but one."""

    def __init__(self, key: str) -> None:
        self._before = _keyed(key)
        self._last: deque[bytes] = deque()

    def add(self, line: bytes) -> None:
        self._last.append(line)
        if len(self._last) > len(_LAST_KINDS):
            self._before.update(self._last.popleft())

    @property
    def holds(self) -> bool:
        """Whether the lines end with a valid seal and the end of the run."""
        kinds = [line.startswith(b'{"%b":' % kind) for line, kind in zip(self._last, _LAST_KINDS, strict=False)]
        return kinds == [True, True] and json.loads(self._last[0])["attachment"]["body"] == self._before.hexdigest()


def _keyed(key: str) -> hmac.HMAC:
    return hmac.new(key.encode(), digestmod="sha256")


def _envelopes(path: Path, seal: _SealCheck) -> Iterator[Envelope]:
    for number, line in enumerate(_lines(path), start=1):
        seal.add(line)
        if line == b"\n":
            continue
        try:
            envelope = json.loads(line.decode("utf-8", "replace"))
        except (ValueError, RecursionError) as error:
            if not line.endswith(b"\n"):
                return  # the writer was killed
            raise EvidenceError("A line of the record is not valid JSON.", where=f"{path}:{number}",
                                fix=_RERUN) from error
        yield envelope


def _lines(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as file:
            while line := file.readline(MAX_LINE_BYTES):
                if len(line) == MAX_LINE_BYTES and not line.endswith(b"\n"):
                    raise EvidenceError(f"A line of the record is longer than {MAX_LINE_BYTES:,} bytes.",
                                        where=str(path), fix=_RERUN)
                yield line
    except OSError as error:
        raise EvidenceError(f"The record cannot be read: {error.strerror}.", where=str(path),
                            fix="run the stage again.") from error


@dataclass(slots=True)
class _AttemptRecord:
    case: str
    results: dict[str, Envelope] = field(default_factory=dict)
    attachments: list[str] = field(default_factory=list)
    changes: StepChanges = field(default_factory=StepChanges)
    began: float = 0.0
    ended: float | None = None


@dataclass(slots=True)
class _Record:
    """The messages, joined by their ids."""

    folder: Path
    features: dict[str, str] = field(default_factory=dict)
    pickles: dict[str, Envelope] = field(default_factory=dict)
    standing: dict[str, DeclaredScenario] = field(default_factory=dict)
    cases: dict[str, Envelope] = field(default_factory=dict)
    attempts: dict[str, _AttemptRecord] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    finished: bool = False

    def add(self, kind: str, message: Envelope) -> None:
        match kind:
            case "gherkinDocument":
                self.features[message["uri"]] = (message.get("feature") or {}).get("name", "")
                self.standing.update((each.node_id, each) for each in scenarios_in(message, message["uri"]))
            case "pickle":
                self.pickles[message["id"]] = message
            case "testCase":
                self.cases[message["id"]] = message
            case "testCaseStarted":
                self.attempts[message["id"]] = _AttemptRecord(message["testCaseId"], began=_seconds(message))
            case "testStepFinished":
                result = _kept(message["testStepResult"])
                self.attempts[message["testCaseStartedId"]].results[message["testStepId"]] = result
            case "testCaseFinished":
                self.attempts[message["testCaseStartedId"]].ended = _seconds(message)
            case "externalAttachment":
                self.attempts[message["testCaseStartedId"]].attachments.append(f"{self.folder.name}/{message['url']}")
            case "attachment":
                self._add_attachment(message)
            case "testRunFinished":
                self.finished = True

    def _add_attachment(self, message: Envelope) -> None:
        if message["mediaType"] == FAULT_MEDIA_TYPE:
            self.faults.append(message["body"])
        elif message["mediaType"] == CHANGES_MEDIA_TYPE:
            self.attempts[message["testCaseStartedId"]].changes = StepChanges(**json.loads(message["body"]))

    def evidence(self) -> ScenarioEvidence:
        by_case: dict[str, list[Attempt]] = defaultdict(list)
        for record in self.attempts.values():
            by_case[record.case].append(_attempt(record, self.cases[record.case], self.pickles))
        scenarios = tuple(self._scenario(case, tuple(by_case[case["id"]])) for case in self.cases.values())
        return ScenarioEvidence(scenarios, self.finished, tuple(self.faults))

    def _scenario(self, case: Envelope, attempts: tuple[Attempt, ...]) -> Scenario:
        pickle = self.pickles[case["pickleId"]]
        known = self.standing[pickle["astNodeIds"][-1]]
        return Scenario(known.id, name=pickle["name"], feature=self.features[pickle["uri"]], line=known.line,
                        tags=tuple(tag["name"].removeprefix("@") for tag in pickle["tags"]), attempts=attempts)


def _attempt(record: _AttemptRecord, case: Envelope, pickles: Mapping[str, Envelope]) -> Attempt:
    pickle_steps = pickles[case["pickleId"]]["steps"]
    texts = {step["id"]: step["text"] for step in pickle_steps}
    steps = [(texts.get(step.get("pickleStepId", ""), ""), record.results.get(step["id"]), "hookId" in step)
             for step in case["testSteps"]]
    attachments = tuple(record.attachments)
    if record.ended is None:
        return Attempt(Status.UNFINISHED, message="the run ended during the scenario", attachments=attachments,
                       started=record.began)
    if not pickle_steps:
        return Attempt(Status.UNDEFINED, message=_NO_STEPS, attachments=attachments, started=record.began)
    duration_s = record.ended - record.began
    own = [step for step in steps if not step[2]]
    kept = [step for step in own if not _is_left_out(step)]
    status, step, message = _status(kept, [step for step in steps if step[2]])
    if status is Status.PASSED and not kept:
        status, message = Status.SKIPPED, "a hook left out every step"
    return Attempt(status, duration_s, step, message, attachments, record.began, record.changes)


_Step = tuple[str, Envelope | None, bool]  # its text, its result, whether it is a hook


def _status(steps: list[_Step], hooks: list[_Step]) -> tuple[Status, str, str]:
    """The status of an attempt, the step that decided it, and that step's message."""
    for text, result, is_hook in sorted([*steps, *hooks], key=_refused_first):
        if result is not None and result["status"] in ("FAILED", "UNKNOWN"):
            kind = (result.get("exception") or {}).get("type", "")
            return _KINDS.get(kind, Status.SUITE_ERROR if is_hook else Status.FAILED), text, _message_of(result)
    for text, result, is_hook in [*steps, *hooks]:
        match result["status"] if result else "":
            case "PASSED":
                continue
            case "SKIPPED":
                return Status.SKIPPED, text, _message_of(result)
            case "UNDEFINED" | "AMBIGUOUS" | "PENDING":
                return Status.UNDEFINED, text, _message_of(result)
            case _:
                return Status.UNFINISHED, text, "no result of the step" if not is_hook else "no result of a hook"
    return Status.PASSED, "", ""


def _is_left_out(step: _Step) -> bool:
    result = step[1] or {}
    return result.get("status") == "SKIPPED" and (result.get("exception") or {}).get("type") == LEFT_OUT


def _refused_first(step: _Step) -> bool:
    """A refused request explains the step that failed for want of an answer."""
    return ((step[1] or {}).get("exception") or {}).get("type") != REFUSED


def _kept(result: Envelope) -> Envelope:
    """What is read of a result: thousands of failures with long messages do not fill the memory."""
    exception = result.get("exception")
    return {"status": result["status"], "message": _cut(result.get("message")), **({"exception": {
        "type": exception.get("type", ""), "message": _cut(exception.get("message"))}} if exception else {})}


def _cut(text: str | None) -> str:
    return (text or "")[:MAX_MESSAGE]


def _message_of(result: Envelope | None) -> str:
    """The message of a result on one line; with the exception's type, except for assertions."""
    result = result or {}
    exception = result.get("exception") or {}
    kind, text = exception.get("type", ""), _joined(exception.get("message") or result.get("message") or "")
    if kind in ("", "AssertionError", *_KINDS):
        return text or ("an assertion failed" if kind == "AssertionError" else "")
    return f"{kind}: {text}" if text else str(kind)


def _joined(text: str) -> str:
    """The first lines, with the expected and the actual value, without Playwright's call log."""
    lines = [line.strip() for line in text.partition("Call log:")[0].splitlines() if line.strip()]
    return "; ".join(lines[:_MAX_LINES])


def _seconds(message: Envelope) -> float:
    stamp = message["timestamp"]
    return float(stamp["seconds"] + stamp["nanos"] / 1e9)
