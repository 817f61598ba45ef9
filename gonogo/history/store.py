"""The database of runs: records runs and promotions, and selects the baseline."""

from __future__ import annotations

import contextlib
import hashlib
import json
import secrets
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection, Engine, Row, Select, delete, insert, select

from gonogo.core.errors import GonogoError, HistoryError, UsageError
from gonogo.history.baseline_file import BaselineContents
from gonogo.history.connecting import VARIABLE, default_file, history_engine, write_transaction
from gonogo.history.migrating import migrate
from gonogo.history.reading import Reader
from gonogo.history.tables import DOCUMENTS, DURATIONS, KEYS, LOAD, PROMOTIONS, RAN, RUNS, TRAFFIC
from gonogo.model.baseline import Baseline
from gonogo.model.calls import CallKind
from gonogo.model.not_checked import HistoryDamaged

_Item = TypeVar("_Item")

_GO = "GO"
_MASK_KEY = "masks"
_KEY_BYTES = 32
_MAX_PARAMETERS = 500  # per statement: databases limit them


@dataclass(frozen=True, slots=True)
class RecordedRun:
    """The record of a run. `images` are component → digest of the running images; `answer` is the verdict's.

    Only a GO has `traffic` (the document of its exchanges), `calls` (scenario key → the kinds of call that it caused)
    `load` (profile → the document of its figures), `scenarios` (stage → the keys of those that ran) and `documents`
    (kind of evidence → what it keeps). `seconds` are the durations of passed scenarios, by key.
    """

    run: str
    environment: str
    answer: str
    started: str
    images: Mapping[str, str] = field(default_factory=dict)
    traffic: Mapping[str, object] | None = None
    calls: Mapping[str, Collection[CallKind]] = field(default_factory=dict)
    load: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    scenarios: Mapping[str, Sequence[str]] | None = None
    documents: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    seconds: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class KnownScenarios:
    """The data that orders scenarios, by key: `seconds` of the last pass in this environment, `coverage` (the kinds of
    call in the baseline), and the `images` of the baseline.
    """

    seconds: Mapping[str, float] = field(default_factory=dict)
    coverage: Mapping[str, frozenset[CallKind]] = field(default_factory=dict)
    images: Mapping[str, str] = field(default_factory=dict)


class History:
    """Every method raises HistoryError if the database cannot be used. Damaged data is left out and listed in `damage`.
    """

    def __init__(self, engine: Engine, where: str = VARIABLE) -> None:
        self._engine = engine
        self._where = where
        self._reader = Reader()

    @classmethod
    def open(cls, root: Path, environ: Mapping[str, str]) -> History:
        """Open the database GONOGO_HISTORY, or `root`/runs/history.sqlite, and migrate its tables."""
        where = VARIABLE if environ.get(VARIABLE) else str(default_file(root))
        with _as_history_error(where):
            engine = history_engine(root, environ)
        try:
            with _as_history_error(where, engine):
                migrate(engine)
        except BaseException:
            engine.dispose()
            raise
        return cls(engine, where)

    @property
    def damage(self) -> tuple[HistoryDamaged, ...]:
        """The damaged data in the rows read so far."""
        return tuple(dict.fromkeys(self._reader.damage))

    def close(self) -> None:
        self._engine.dispose()

    def record(self, record: RecordedRun) -> None:
        """Record a run in one transaction."""
        with self._writing() as connection:
            _insert_run(connection, record)
            if record.answer == _GO:
                _insert_evidence(connection, record)
            _put_durations(connection, record.environment, record.seconds)

    def learn(self, run: str, kind: str, document: Mapping[str, object]) -> None:
        """Replace the document of a kind of evidence in a recorded GO, by what a later run of the same images added."""
        with self._writing() as connection:
            if connection.execute(select(RUNS.c.run).where(RUNS.c.run == run, RUNS.c.answer == _GO)).first():
                connection.execute(delete(DOCUMENTS).where(DOCUMENTS.c.run == run, DOCUMENTS.c.kind == kind))
                _insert_documents(connection, run, {kind: document})

    def mark_promoted(self, run: str, at: datetime) -> bool:
        """Record that `run` was promoted `at` this time; a rollback promotes a run again.

        Returns False and records nothing if the run is not a recorded GO.
        """
        with self._writing() as connection:
            row = connection.execute(select(RUNS.c.run).where(RUNS.c.run == run, RUNS.c.answer == _GO)).first()
            if row is not None:
                _put_promotion(connection, run, at.astimezone(UTC).isoformat(timespec="microseconds"))
        return row is not None

    def baseline(self, environment: str) -> Baseline | None:
        """Return the last promoted run of this environment; before the first promotion its last GO, or None."""
        with self._reading() as connection:
            row = _baseline_row(connection, environment)
            return None if row is None else self._baseline_of(connection, row)

    def go(self, run: str, environment: str) -> Baseline | None:
        """Return the GO `run` of this environment, as runs were compared with it; None if it is not recorded."""
        with self._reading() as connection:
            row = connection.execute(_gos(environment).where(RUNS.c.run == run)).first()
            return None if row is None else self._baseline_of(connection, row)

    def _baseline_of(self, connection: Connection, row: Row[str, str, str, str | None]) -> Baseline:
        traffic = connection.execute(select(TRAFFIC.c.document).where(TRAFFIC.c.run == row.run)).first()
        load = _load_columns(connection, row.run)
        ran, documents = _ran_column(connection, row.run), _document_columns(connection, row.run)
        return Baseline(row.run, row.at is not None, self._reader.images(row.run, row.images),
                        self._reader.traffic(row.run, traffic.document) if traffic else None,
                        self._reader.load(row.run, load),
                        self._reader.scenarios(row.run, ran) if ran is not None else None,
                        self._reader.documents(row.run, documents))

    def known_scenarios(self, environment: str) -> KnownScenarios:
        with self._reading() as connection:
            durations = _duration_rows(connection, environment)
            row = _baseline_row(connection, environment)
            calls = row and connection.execute(select(TRAFFIC.c.calls).where(TRAFFIC.c.run == row.run)).first()
        seconds = self._reader.durations(durations)
        if row is None:
            return KnownScenarios(seconds)
        return KnownScenarios(seconds, self._reader.calls(row.run, calls.calls) if calls else {},
                              self._reader.images(row.run, row.images))

    def mask_key(self) -> bytes:
        """Return the 32 random bytes for masks of secrets, created at first use. An export never includes them."""
        with self._reading() as connection:
            stored = _stored_key(connection)
        if stored is None:
            with self._writing() as connection:
                stored = _stored_key(connection)
                if stored is None:  # no other process created it meanwhile
                    stored = secrets.token_hex(_KEY_BYTES)
                    connection.execute(insert(KEYS).values(name=_MASK_KEY, value=stored))
        try:
            key = bytes.fromhex(str(stored))
        except ValueError:
            key = b""
        if len(key) != _KEY_BYTES:
            raise HistoryError("The key for masks is damaged.", where=VARIABLE,
                               fix="delete its row in secret_keys; a new key is made, and masks change once.")
        return key

    def environments(self) -> list[str]:
        """Return the environments that have a baseline."""
        with self._reading() as connection:
            names = connection.execute(select(RUNS.c.environment).where(RUNS.c.answer == _GO).distinct()).scalars()
            return sorted(name for name in names if isinstance(name, str))

    def export_baseline(self, environment: str) -> BaselineContents | None:
        """Return the complete baseline, or None. Raises HistoryError if a part of it is damaged.
        """
        with self._reading() as connection:
            row = _baseline_row(connection, environment)
            if row is None:
                return None
            evidence = connection.execute(select(TRAFFIC).where(TRAFFIC.c.run == row.run)).first()
            load, durations = _load_columns(connection, row.run), _duration_rows(connection, environment)
            ran, documents = _ran_column(connection, row.run), _document_columns(connection, row.run)
        reader = Reader()
        calls = reader.calls(row.run, evidence.calls) if evidence else {}
        reader.load(row.run, load)
        contents = BaselineContents.model_construct(
            run=row.run, environment=environment, started=reader.moment(row.run, row.started, "seconds"),
            promoted=None if row.at is None else reader.moment(row.run, row.at, "microseconds"),
            images=reader.images(row.run, row.images),
            traffic=reader.traffic(row.run, evidence.document) if evidence else None,
            calls={scenario: [(*kind,) for kind in sorted(kinds)] for scenario, kinds in calls.items()},
            load=reader.load_documents(row.run, load), durations=reader.durations(durations),
            scenarios=reader.scenarios(row.run, ran) if ran is not None else None,
            documents=reader.documents(row.run, documents))
        if reader.damage:
            raise HistoryError(f"The baseline (run {row.run}) is damaged: {reader.damage[0].part}.", where=VARIABLE,
                               fix="run the gate again, and promote that run.")
        return contents

    def import_baseline(self, contents: BaselineContents) -> Baseline | None:
        """Add an exported baseline, and return the environment's baseline after that.

        That is the imported run unless another was promoted later. Raises UsageError and changes nothing if the history
        has a different run of the same id.
        """
        record = RecordedRun(
            contents.run, contents.environment, _GO, contents.started, contents.images, contents.traffic,
            {scenario: [CallKind(*kind) for kind in kinds] for scenario, kinds in contents.calls.items()},
            contents.load, contents.scenarios, contents.documents)
        with self._writing() as connection:
            stored = connection.execute(select(RUNS).where(RUNS.c.run == record.run)).first()
            if stored is not None and (stored.answer, stored.environment) != (_GO, record.environment):
                raise UsageError(
                    f"The history has another run {record.run}: {stored.answer} in {stored.environment}.",
                    where=VARIABLE, fix="export the baseline again, or set GONOGO_HISTORY to another database.")
            for table in (TRAFFIC, LOAD, RAN, DOCUMENTS, RUNS):
                connection.execute(delete(table).where(table.c.run == record.run))
            _insert_run(connection, record)
            _insert_evidence(connection, record)
            promoted = connection.execute(select(PROMOTIONS.c.at).where(PROMOTIONS.c.run == record.run)).scalar()
            if contents.promoted and contents.promoted > (promoted or ""):
                _put_promotion(connection, record.run, contents.promoted)
            known = Reader().durations(_duration_rows(connection, record.environment))
            _put_durations(connection, record.environment,
                           {key: seconds for key, seconds in contents.durations.items() if key not in known})
        return self.baseline(record.environment)

    @contextlib.contextmanager
    def _reading(self) -> Iterator[Connection]:
        with _as_history_error(self._where, self._engine), self._engine.connect() as connection:
            yield connection

    @contextlib.contextmanager
    def _writing(self) -> Iterator[Connection]:
        with _as_history_error(self._where, self._engine), write_transaction(self._engine) as connection:
            yield connection


def _baseline_row(connection: Connection, environment: str) -> Row[str, str, str, str | None] | None:
    """Return the baseline's row; `at` is None for a run that is not promoted."""
    runs = _gos(environment)
    promoted = runs.where(PROMOTIONS.c.at.is_not(None)).order_by(PROMOTIONS.c.at.desc(), RUNS.c.run.desc())
    newest = runs.order_by(RUNS.c.started.desc(), RUNS.c.run.desc())
    return connection.execute(promoted.limit(1)).first() or connection.execute(newest.limit(1)).first()


def _gos(environment: str) -> Select[str, str, str, str | None]:
    return (select(RUNS.c.run, RUNS.c.started, RUNS.c.images, PROMOTIONS.c.at)
            .join(PROMOTIONS, PROMOTIONS.c.run == RUNS.c.run, isouter=True)
            .where(RUNS.c.environment == environment, RUNS.c.answer == _GO))


def _put_durations(connection: Connection, environment: str, seconds: Mapping[str, float]) -> None:
    """Replace older figures."""
    for part in _in_parts([_duration(environment, scenario, figure) for scenario, figure in seconds.items()]):
        connection.execute(delete(DURATIONS).where(DURATIONS.c.environment == environment,
                                                   DURATIONS.c.digest.in_([row["digest"] for row in part])))
        connection.execute(insert(DURATIONS), part)


def _stored_key(connection: Connection) -> object:
    return connection.execute(select(KEYS.c.value).where(KEYS.c.name == _MASK_KEY)).scalar()


def _load_columns(connection: Connection, run: str) -> dict[str, object]:
    rows = connection.execute(select(LOAD.c.profile, LOAD.c.document).where(LOAD.c.run == run))
    return {str(row.profile): row.document for row in rows}


def _document_columns(connection: Connection, run: str) -> dict[str, object]:
    rows = connection.execute(select(DOCUMENTS.c.kind, DOCUMENTS.c.document).where(DOCUMENTS.c.run == run))
    return {str(row.kind): row.document for row in rows}


def _ran_column(connection: Connection, run: str) -> object:
    """The document of the scenarios that ran; None if an older gonogo recorded the run."""
    return connection.execute(select(RAN.c.document).where(RAN.c.run == run)).scalar()


def _duration_rows(connection: Connection, environment: str) -> list[tuple[object, object]]:
    rows = connection.execute(
        select(DURATIONS.c.scenario, DURATIONS.c.seconds).where(DURATIONS.c.environment == environment))
    return [(row.scenario, row.seconds) for row in rows]


def _duration(environment: str, scenario: str, seconds: float) -> dict[str, object]:
    written = scenario.encode("utf-8", "backslashreplace")  # databases reject a lone surrogate
    return {"environment": environment, "digest": hashlib.sha256(written).hexdigest(), "scenario": written.decode(),
            "seconds": seconds}


def _insert_run(connection: Connection, record: RecordedRun) -> None:
    connection.execute(insert(RUNS).values(run=record.run, environment=record.environment, answer=record.answer,
                                           started=record.started, images=json.dumps(dict(record.images))))


def _insert_evidence(connection: Connection, record: RecordedRun) -> None:
    if record.traffic is not None:
        calls = {scenario: [list(kind) for kind in sorted(kinds)] for scenario, kinds in record.calls.items()}
        connection.execute(insert(TRAFFIC).values(run=record.run, document=json.dumps(dict(record.traffic)),
                                                  calls=json.dumps(calls)))
    if record.scenarios is not None:
        document = json.dumps({stage: list(keys) for stage, keys in record.scenarios.items()})
        connection.execute(insert(RAN).values(run=record.run, document=document))
    if record.load:
        connection.execute(insert(LOAD), [
            {"run": record.run, "profile": profile, "document": json.dumps(dict(document))}
            for profile, document in record.load.items()])
    _insert_documents(connection, record.run, record.documents)


def _insert_documents(connection: Connection, run: str, documents: Mapping[str, Mapping[str, object]]) -> None:
    if documents:
        connection.execute(insert(DOCUMENTS), [{"run": run, "kind": kind, "document": json.dumps(dict(document))}
                                               for kind, document in documents.items()])


def _put_promotion(connection: Connection, run: str, at: str) -> None:
    connection.execute(delete(PROMOTIONS).where(PROMOTIONS.c.run == run))
    connection.execute(insert(PROMOTIONS).values(run=run, at=at))


def _in_parts(items: Sequence[_Item]) -> Iterator[Sequence[_Item]]:
    for first in range(0, len(items), _MAX_PARAMETERS):
        yield items[first:first + _MAX_PARAMETERS]


@contextlib.contextmanager
def _as_history_error(where: str, engine: Engine | None = None) -> Iterator[None]:
    """Raise HistoryError for the errors of databases and drivers, including the ImportError of a missing driver."""
    try:
        yield
    except GonogoError:
        raise
    except Exception as error:
        line = (str(error).splitlines() or [""])[0] or type(error).__name__
        if engine is not None and engine.url.password:
            line = line.replace(str(engine.url.password), "***")
        raise HistoryError(f"The history cannot be used: {line.rstrip('.')}.", where=where,
                           fix="name a database that can be read and written, or delete a damaged file.") from error
