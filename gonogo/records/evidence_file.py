"""evidence.json: what a run was judged from and is in no other file of its folder, and the digests of those files.

With it the run can be judged again. It is written before the reports and the verdict, masked like every file.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from gonogo.core.errors import EvidenceError
from gonogo.model.calls import Unrecorded
from gonogo.model.not_checked import HistoryDamaged, HistoryUnusable
from gonogo.model.rules.gate import PluginFailed, StageSkipped
from gonogo.model.stages import ProcessEnd
from gonogo.records.run_folder import VERDICT_FILE, write_json
from gonogo.secrets.masking import Masker

EVIDENCE_FILE = "evidence.json"
MAX_FILE_BYTES = 64 * 1024 * 1024
_SUFFIXES = (".json", ".ndjson", ".har")  # of the files that evidence is read from
_BLOCK = 1024 * 1024
_RUN_AGAIN = "run the gate again; nothing may write to the folder of a run that has ended."


class _Document(BaseModel):
    """Names of components and files are values, never keys: masking goes by the names of keys."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Named(NamedTuple):
    """A component's address or digest."""

    component: str
    value: str


class StageRecord(_Document):
    """The result of a stage; `evidence` is what no file of the stage has, None if the stage left no evidence."""

    stage: str
    planned: int
    executed: int
    processes: tuple[ProcessEnd, ...] = ()
    duration_s: float = 0.0
    nothing_to_do: bool = False
    load_window: tuple[float, float] | None = None
    evidence: dict[str, object] | None = None


class SkippedRecord(_Document):
    stage: str
    reason: StageSkipped


class BaselineRecord(_Document):
    """The run that this one was compared with."""

    run: str
    promoted: bool


class TrafficRecord(_Document):
    """`spans` is how many of spans.ndjson were received, which stand first; the rest are those of steps.

    `mail_problem` says why mails are missing; `learns_for` names the run whose images ran again. `logs` is how many
    records logs.ndjson has, `log_records` how many came. `marks` are the masks of all values that were known to be
    secret, which no other file tells from the masks of what was only named for a secret; they have no value.
    """

    trace_prefix: str
    spans: int = Field(ge=0)
    span_problems: tuple[str, ...] = ()
    step_problems: tuple[str, ...] = ()
    tap_problems: tuple[str, ...] = ()
    missed_by_tap: tuple[Unrecorded, ...] = ()
    mail_problem: str = ""
    learns_for: str = ""
    logs: int = Field(0, ge=0)
    log_records: int = Field(0, ge=0)
    log_problems: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()


class FileRecord(_Document):
    """A file of evidence; `path` is relative to the run folder."""

    path: str
    sha256: str


class EvidenceDocument(_Document):
    """`profiles` are those of --profile, `site_pages` is the number of --pages of a run with --url.

    `url`, `mail` and the `addresses` of services and third parties are as they were. `traffic` is None if no exchange
    was joined. `probed`: platform.json was written.
    """

    schema_: Literal[1] = Field(1, alias="schema")
    gonogo: str
    run: str
    environment: str
    started: str
    ended: str
    stages: tuple[str, ...]
    partial: bool
    tags: tuple[str, ...] = ()
    profiles: tuple[str, ...] = ()
    site_pages: int | None = None
    url: str
    mail: str | None = None
    addresses: tuple[Named, ...] = ()
    installed_stages: tuple[str, ...] = ()
    release: tuple[Named, ...] = ()
    release_configs: tuple[Named, ...] = ()
    probed: bool = False
    provision_error: str | None = None
    interrupted: bool = False
    results: tuple[StageRecord, ...] = ()
    skipped: tuple[SkippedRecord, ...] = ()
    baseline: BaselineRecord | None = None
    history_problems: tuple[HistoryDamaged | HistoryUnusable, ...] = ()
    plugin_faults: tuple[PluginFailed, ...] = ()
    input_changes: tuple[str, ...] = ()
    traffic: TrafficRecord | None = None
    files: tuple[FileRecord, ...] = ()


def named(values: Mapping[str, str]) -> tuple[Named, ...]:
    return tuple(Named(component, value) for component, value in values.items())


def write_evidence(run_folder: Path, document: EvidenceDocument, masker: Masker) -> None:
    """Write `document` with the digests of all files of evidence in the run folder, which must be complete by now."""
    files = tuple(_file_records(run_folder))
    write_json(run_folder / EVIDENCE_FILE,
               document.model_copy(update={"files": files}).model_dump(mode="json", by_alias=True), masker)


def read_evidence(run_folder: Path) -> EvidenceDocument:
    """The evidence of a run, of which each file is as the run left it.

    Raises EvidenceError if a file is missing or was changed, or evidence.json is missing, damaged or too large.
    """
    path = run_folder / EVIDENCE_FILE
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise EvidenceError(f"{EVIDENCE_FILE} cannot be read: {error.strerror}.", where=str(path),
                            fix="give the folder of a run that reached its end, by this version or a later one.",
                            ) from error
    if len(raw) > MAX_FILE_BYTES:
        raise EvidenceError(f"{EVIDENCE_FILE} is larger than {MAX_FILE_BYTES // 1024 ** 2} MiB.", where=str(path),
                            fix="judge a run with fewer scenarios again.")
    try:
        document = EvidenceDocument.model_validate_json(raw)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "the document"
        raise EvidenceError(f"{EVIDENCE_FILE} is not valid: {place}: {first['msg']}.", where=str(path),
                            fix=f"{_RUN_AGAIN[:-1]}; this version reads schema 1.") from error
    for file_record in document.files:
        _refuse_changed(run_folder, file_record)
    return document


def _refuse_changed(run_folder: Path, record: FileRecord) -> None:
    parts = PurePosixPath(record.path)
    if parts.is_absolute() or ".." in parts.parts:
        raise EvidenceError(f"{EVIDENCE_FILE} names a file outside of the run folder.", where=record.path,
                            fix=_RUN_AGAIN)
    path = run_folder / record.path
    try:
        digest = _digest(path)
    except OSError as error:
        raise EvidenceError(f"A file of the run cannot be read: {error.strerror}.", where=str(path),
                            fix="give the whole run folder.") from error
    if digest != record.sha256:
        raise EvidenceError("A file of the run has changed since it was judged.", where=str(path), fix=_RUN_AGAIN)


def _file_records(run_folder: Path) -> Iterator[FileRecord]:
    for path in sorted(run_folder.rglob("*")):
        name = path.relative_to(run_folder).as_posix()
        is_regular = path.is_file() and not path.is_symlink()
        if is_regular and path.suffix in _SUFFIXES and name not in (EVIDENCE_FILE, VERDICT_FILE):
            with suppress(OSError):  # what the gate cannot read is no evidence
                yield FileRecord(path=name, sha256=_digest(path))


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()
