"""Earlier runs, in one database: what is kept of each, and which one a new run is compared with."""

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

from sqlalchemy import Connection, Engine, Row, delete, insert, select

from gonogo.core.errors import GonogoError, HistoryError, UsageError
from gonogo.history.baseline_file import BaselineContents
from gonogo.history.connecting import VARIABLE, default_file, history_engine, write_transaction
from gonogo.history.migrating import bring_up_to_date
from gonogo.history.reading import Reader
from gonogo.history.tables import DURATIONS, KEYS, LOAD, PROMOTIONS, RUNS, TRAFFIC
from gonogo.model.baseline import Baseline
from gonogo.model.calls import CallKind
from gonogo.model.not_checked import HistoryDamaged

_Item = TypeVar("_Item")

_GO = "GO"
_MASK_KEY = "masks"
_KEY_BYTES = 32
_MAX_PARAMETERS = 500  # in one statement: databases have bounds of their own


@dataclass(frozen=True, slots=True)
class KeptRun:
    """What is kept of a run. `images` are component → digest, of what ran; `answer` is the verdict's.

    Of a GO alone: `traffic` is the document of its exchanges, `calls` scenario (its key) → the kinds of call that it
    led to, `load` profile → the document of its figures. `seconds` are scenario → how long it took where it passed.
    """

    run: str
    environment: str
    answer: str
    started: str
    images: Mapping[str, str] = field(default_factory=dict)
    traffic: Mapping[str, object] | None = None
    calls: Mapping[str, Collection[CallKind]] = field(default_factory=dict)
    load: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    seconds: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class KnownScenarios:
    """What orders scenarios (by key): the `seconds` that each took when it last passed in this environment, the kinds
    of call that it `met` in the baseline, and the `images` that ran there.
    """

    seconds: Mapping[str, float] = field(default_factory=dict)
    coverage: Mapping[str, frozenset[CallKind]] = field(default_factory=dict)
    images: Mapping[str, str] = field(default_factory=dict)


class History:
    """Every method raises HistoryError where the database cannot be used; what is damaged in it is left out, and
    listed in `damage`.
    """

    def __init__(self, engine: Engine, where: str = VARIABLE) -> None:
        self._engine = engine
        self._where = where
        self._reader = Reader()

    @classmethod
    def open(cls, root: Path, environ: Mapping[str, str]) -> History:
        """The database that GONOGO_HISTORY names, or `root`/runs/history.sqlite, with its tables of this version."""
        where = VARIABLE if environ.get(VARIABLE) else str(default_file(root))
        with _as_history_error(where):
            engine = history_engine(root, environ)
        try:
            with _as_history_error(where, engine):
                bring_up_to_date(engine)
        except BaseException:
            engine.dispose()
            raise
        return cls(engine, where)

    @property
    def damage(self) -> tuple[HistoryDamaged, ...]:
        """What was odd in the rows that were read so far."""
        return tuple(dict.fromkeys(self._reader.damage))

    def close(self) -> None:
        self._engine.dispose()

    def record(self, kept: KeptRun) -> None:
        """Keep a run, whole or not at all."""
        with self._writing() as connection:
            _insert_run(connection, kept)
            if kept.answer == _GO:
                _insert_evidence(connection, kept)
            _put_durations(connection, kept.environment, kept.seconds)

    def mark_promoted(self, run: str, at: datetime) -> bool:
        """Keep that `run` was promoted `at` this time (again, for a release that was rolled back to).

        False, and nothing kept, where it was not recorded as a GO.
        """
        with self._writing() as connection:
            known = connection.execute(select(RUNS.c.run).where(RUNS.c.run == run, RUNS.c.answer == _GO)).first()
            if known is not None:
                _put_promotion(connection, run, at.astimezone(UTC).isoformat(timespec="microseconds"))
        return known is not None

    def baseline(self, environment: str) -> Baseline | None:
        """The run promoted last in this environment; before the first promotion its newest GO, None before that."""
        with self._reading() as connection:
            row = _baseline_row(connection, environment)
            if row is None:
                return None
            traffic = connection.execute(select(TRAFFIC.c.document).where(TRAFFIC.c.run == row.run)).first()
            load = _load_columns(connection, row.run)
        return Baseline(row.run, row.at is not None, self._reader.images(row.run, row.images),
                        self._reader.traffic(row.run, traffic.document) if traffic else None,
                        self._reader.load(row.run, load))

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
        """32 random bytes, made at first use, that masks of secrets are made with. No export has them."""
        with self._reading() as connection:
            stored = _stored_key(connection)
        if stored is None:
            with self._writing() as connection:
                stored = _stored_key(connection)
                if stored is None:  # no other process was faster
                    stored = secrets.token_hex(_KEY_BYTES)
                    connection.execute(insert(KEYS).values(name=_MASK_KEY, value=stored))
        try:
            key = bytes.fromhex(str(stored))
        except ValueError:
            key = b""
        if len(key) != _KEY_BYTES:
            raise HistoryError("The key for masks is damaged.", where=VARIABLE,
                               fix="delete its row in secret_keys: masks change once.")
        return key

    def environments(self) -> list[str]:
        """Those that have a baseline."""
        with self._reading() as connection:
            found = connection.execute(select(RUNS.c.environment).where(RUNS.c.answer == _GO).distinct()).scalars()
            return sorted(name for name in found if isinstance(name, str))

    def exported(self, environment: str) -> BaselineContents | None:
        """The baseline and all that belongs to it; None where there is none. Raises HistoryError where it is damaged:
        half a baseline does not travel.
        """
        with self._reading() as connection:
            row = _baseline_row(connection, environment)
            if row is None:
                return None
            evidence = connection.execute(select(TRAFFIC).where(TRAFFIC.c.run == row.run)).first()
            load, durations = _load_columns(connection, row.run), _duration_rows(connection, environment)
        reader = Reader()
        calls = reader.calls(row.run, evidence.calls) if evidence else {}
        reader.load(row.run, load)
        contents = BaselineContents.model_construct(
            run=row.run, environment=environment, started=reader.moment(row.run, row.started, "seconds"),
            promoted=None if row.at is None else reader.moment(row.run, row.at, "microseconds"),
            images=reader.images(row.run, row.images),
            traffic=reader.traffic(row.run, evidence.document) if evidence else None,
            calls={scenario: [(*kind,) for kind in sorted(kinds)] for scenario, kinds in calls.items()},
            load=reader.load_documents(row.run, load), durations=reader.durations(durations))
        if reader.damage:
            raise HistoryError(f"The baseline, run {row.run}, is damaged: {reader.damage[0].part}.", where=VARIABLE,
                               fix="run the gate again, and promote the run.")
        return contents

    def adopt(self, contents: BaselineContents) -> Baseline | None:
        """Keep an exported baseline beside what is known, and return the baseline that its environment has now.

        It is that run unless another was promoted later. Raises UsageError, and keeps nothing, where this history
        knows the run as another.
        """
        kept = KeptRun(
            contents.run, contents.environment, _GO, contents.started, contents.images, contents.traffic,
            {scenario: [CallKind(*kind) for kind in kinds] for scenario, kinds in contents.calls.items()},
            contents.load)
        with self._writing() as connection:
            known = connection.execute(select(RUNS).where(RUNS.c.run == kept.run)).first()
            if known is not None and (known.answer, known.environment) != (_GO, kept.environment):
                raise UsageError(
                    f"The history knows run {kept.run} as {known.answer} in {known.environment}.", where=VARIABLE,
                    fix="export the baseline again, or name another history.")
            for table in (TRAFFIC, LOAD, RUNS):
                connection.execute(delete(table).where(table.c.run == kept.run))
            _insert_run(connection, kept)
            _insert_evidence(connection, kept)
            promoted = connection.execute(select(PROMOTIONS.c.at).where(PROMOTIONS.c.run == kept.run)).scalar()
            if contents.promoted and contents.promoted > (promoted or ""):
                _put_promotion(connection, kept.run, contents.promoted)
            own = Reader().durations(_duration_rows(connection, kept.environment))
            _put_durations(connection, kept.environment,
                           {key: seconds for key, seconds in contents.durations.items() if key not in own})
        return self.baseline(kept.environment)

    @contextlib.contextmanager
    def _reading(self) -> Iterator[Connection]:
        with _as_history_error(self._where, self._engine), self._engine.connect() as connection:
            yield connection

    @contextlib.contextmanager
    def _writing(self) -> Iterator[Connection]:
        with _as_history_error(self._where, self._engine), write_transaction(self._engine) as connection:
            yield connection


def _baseline_row(connection: Connection, environment: str) -> Row[str, str, str, str | None] | None:
    """`at` is None where it was not promoted."""
    runs = (select(RUNS.c.run, RUNS.c.started, RUNS.c.images, PROMOTIONS.c.at)
            .join(PROMOTIONS, PROMOTIONS.c.run == RUNS.c.run, isouter=True)
            .where(RUNS.c.environment == environment, RUNS.c.answer == _GO))
    promoted = runs.where(PROMOTIONS.c.at.is_not(None)).order_by(PROMOTIONS.c.at.desc(), RUNS.c.run.desc())
    newest = runs.order_by(RUNS.c.started.desc(), RUNS.c.run.desc())
    return connection.execute(promoted.limit(1)).first() or connection.execute(newest.limit(1)).first()


def _put_durations(connection: Connection, environment: str, seconds: Mapping[str, float]) -> None:
    """A newer figure stands for the older."""
    for some in _in_parts([_duration(environment, scenario, figure) for scenario, figure in seconds.items()]):
        connection.execute(delete(DURATIONS).where(DURATIONS.c.environment == environment,
                                                   DURATIONS.c.digest.in_([row["digest"] for row in some])))
        connection.execute(insert(DURATIONS), some)


def _stored_key(connection: Connection) -> object:
    return connection.execute(select(KEYS.c.value).where(KEYS.c.name == _MASK_KEY)).scalar()


def _load_columns(connection: Connection, run: str) -> dict[str, object]:
    rows = connection.execute(select(LOAD.c.profile, LOAD.c.document).where(LOAD.c.run == run))
    return {str(row.profile): row.document for row in rows}


def _duration_rows(connection: Connection, environment: str) -> list[tuple[object, object]]:
    rows = connection.execute(
        select(DURATIONS.c.scenario, DURATIONS.c.seconds).where(DURATIONS.c.environment == environment))
    return [(row.scenario, row.seconds) for row in rows]


def _duration(environment: str, scenario: str, seconds: float) -> dict[str, object]:
    written = scenario.encode("utf-8", "backslashreplace")  # a lone surrogate is no text for a database
    return {"environment": environment, "digest": hashlib.sha256(written).hexdigest(), "scenario": written.decode(),
            "seconds": seconds}


def _insert_run(connection: Connection, kept: KeptRun) -> None:
    connection.execute(insert(RUNS).values(run=kept.run, environment=kept.environment, answer=kept.answer,
                                           started=kept.started, images=json.dumps(dict(kept.images))))


def _insert_evidence(connection: Connection, kept: KeptRun) -> None:
    if kept.traffic is not None:
        calls = {scenario: [list(kind) for kind in sorted(kinds)] for scenario, kinds in kept.calls.items()}
        connection.execute(insert(TRAFFIC).values(run=kept.run, document=json.dumps(dict(kept.traffic)),
                                                  calls=json.dumps(calls)))
    if kept.load:
        connection.execute(insert(LOAD), [{"run": kept.run, "profile": profile, "document": json.dumps(dict(document))}
                                          for profile, document in kept.load.items()])


def _put_promotion(connection: Connection, run: str, at: str) -> None:
    connection.execute(delete(PROMOTIONS).where(PROMOTIONS.c.run == run))
    connection.execute(insert(PROMOTIONS).values(run=run, at=at))


def _in_parts(items: Sequence[_Item]) -> Iterator[Sequence[_Item]]:
    for first in range(0, len(items), _MAX_PARAMETERS):
        yield items[first:first + _MAX_PARAMETERS]


@contextlib.contextmanager
def _as_history_error(where: str, engine: Engine | None = None) -> Iterator[None]:
    """Databases and their drivers raise errors of every kind; one that is not installed is an ImportError."""
    try:
        yield
    except GonogoError:
        raise
    except Exception as error:
        line = (str(error).splitlines() or [""])[0] or type(error).__name__
        if engine is not None and engine.url.password:
            line = line.replace(str(engine.url.password), "***")
        raise HistoryError(f"The history cannot be used: {line.rstrip('.')}.", where=where,
                           fix="name a database that can be read and written, or delete what stands there.") from error
