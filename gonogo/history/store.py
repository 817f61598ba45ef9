"""The history of runs in a database: SQLite in runs/ by default, any SQLAlchemy URL by GONOGO_HISTORY."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import JSON, Engine, Float, String, create_engine, delete, insert, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from gonogo.model.calls import CallKind
from gonogo.records.run_folder import RUNS_FOLDER


class _Base(DeclarativeBase):
    pass


class _Run(_Base):
    __tablename__ = "runs"
    run: Mapped[str] = mapped_column(String(64), primary_key=True)
    environment: Mapped[str] = mapped_column(String(128), index=True)
    answer: Mapped[str] = mapped_column(String(16))
    started: Mapped[str] = mapped_column(String(40))
    release: Mapped[dict[str, str]] = mapped_column(JSON)


class _Wire(_Base):
    """What the exchanges of a GO were like: whoever compares reads `document`, whoever orders scenarios `met`."""

    __tablename__ = "wire"
    run: Mapped[str] = mapped_column(String(64), primary_key=True)
    document: Mapped[dict[str, object]] = mapped_column(JSON)
    met: Mapped[dict[str, list[list[str]]]] = mapped_column("touched", JSON)  # where it was made, it is called so


class _Load(_Base):
    """The load figures of a GO, by profile, for later runs to be compared with once it was promoted."""

    __tablename__ = "load_figures"
    run: Mapped[str] = mapped_column(String(64), primary_key=True)
    profile: Mapped[str] = mapped_column(String(128), primary_key=True)
    document: Mapped[dict[str, object]] = mapped_column(JSON)


class _Promotion(_Base):
    """A run whose release was deployed; `at` is ISO 8601, UTC."""

    __tablename__ = "promotions"
    run: Mapped[str] = mapped_column(String(64), primary_key=True)
    at: Mapped[str] = mapped_column(String(40))


class _Duration(_Base):
    __tablename__ = "durations"
    scenario: Mapped[str] = mapped_column(String(1024), primary_key=True)
    seconds: Mapped[float] = mapped_column(Float)


@dataclass(frozen=True, slots=True)
class LastGo:
    """The newest GO of an environment.

    `images` are component → digest, `wire` the document that `joining` made of its exchanges (None where it kept
    none), `met` the kinds of call that each scenario ("uri:line name") led to.
    """

    run: str
    images: Mapping[str, str]
    wire: Mapping[str, object] | None = None
    met: Mapping[str, frozenset[CallKind]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LastPromoted:
    """The run of an environment that was promoted last; `load` are its load figures, profile → document."""

    run: str
    load: Mapping[str, Mapping[str, object]] = field(default_factory=dict)


class History:
    """Runs and durations. A database that cannot be used raises SQLAlchemyError; no verdict depends on it."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        _Base.metadata.create_all(engine)

    @classmethod
    def open(cls, root: Path, environ: Mapping[str, str]) -> History:
        url = environ.get("GONOGO_HISTORY")
        try:
            if not url:
                (root / RUNS_FOLDER).mkdir(parents=True, exist_ok=True)
                url = f"sqlite:///{root / RUNS_FOLDER / 'history.sqlite'}"
            return cls(create_engine(url))
        except (ImportError, OSError) as error:  # ImportError: the driver of the database is not installed
            raise SQLAlchemyError(str(error)) from error

    def record_run(self, run: str, environment: str, answer: str, started: str, release: Mapping[str, str]) -> None:
        with self._engine.begin() as connection:
            connection.execute(insert(_Run).values(run=run, environment=environment, answer=answer, started=started,
                                                   release=dict(release)))

    def record_wire(self, run: str, document: Mapping[str, object], met: Mapping[str, Collection[CallKind]]) -> None:
        """Keep what a GO's exchanges were like; only a run that was recorded as GO is ever compared with."""
        with self._engine.begin() as connection:
            connection.execute(insert(_Wire).values(
                run=run, document=dict(document),
                met={key: [list(kind) for kind in sorted(kinds)] for key, kinds in met.items()}))

    def last_go(self, environment: str) -> LastGo | None:
        """The newest run there that ended in GO; None before the first."""
        query = (select(_Run.run, _Run.release, _Wire.document, _Wire.met.label("met"))
                 .outerjoin(_Wire, _Wire.run == _Run.run)
                 .where(_Run.environment == environment, _Run.answer == "GO")
                 .order_by(_Run.started.desc()).limit(1))
        with self._engine.connect() as connection:
            found = connection.execute(query).one_or_none()
        if found is None:
            return None
        met = {key: frozenset(CallKind(*kind) for kind in kinds if isinstance(kind, list))
               for key, kinds in (found.met or {}).items()}
        return LastGo(found.run, dict(found.release), found.document, met)

    def record_load(self, run: str, documents: Mapping[str, Mapping[str, object]]) -> None:
        """Keep the load figures of a GO, profile → document; they are a baseline once it is promoted, never sooner."""
        if documents:
            with self._engine.begin() as connection:
                connection.execute(insert(_Load), [{"run": run, "profile": profile, "document": dict(document)}
                                                   for profile, document in documents.items()])

    def mark_promoted(self, run: str, at: str) -> bool:
        """Keep that `run` was promoted `at` this time (again, for a release that was rolled back to).

        False, and nothing kept, where it was not recorded as a GO.
        """
        with self._engine.begin() as connection:
            known = connection.execute(select(_Run.run).where(_Run.run == run, _Run.answer == "GO")).one_or_none()
            if known is not None:
                connection.execute(delete(_Promotion).where(_Promotion.run == run))
                connection.execute(insert(_Promotion).values(run=run, at=at))
        return known is not None

    def last_promoted(self, environment: str) -> LastPromoted | None:
        """The run there that was promoted last; None before the first."""
        newest = (select(_Promotion.run).join(_Run, _Run.run == _Promotion.run)
                  .where(_Run.environment == environment).order_by(_Promotion.at.desc()).limit(1))
        with self._engine.connect() as connection:
            run = connection.execute(newest).scalar_one_or_none()
            if run is None:
                return None
            figures = connection.execute(select(_Load.profile, _Load.document).where(_Load.run == run)).all()
        return LastPromoted(run, {row.profile: row.document for row in figures})

    def record_durations(self, seconds: Mapping[str, float]) -> None:
        """Scenario ("uri:line name") → seconds; a newer figure stands for the older."""
        if not seconds:
            return
        with self._engine.begin() as connection:
            connection.execute(delete(_Duration).where(_Duration.scenario.in_(list(seconds))))
            connection.execute(insert(_Duration), [{"scenario": key, "seconds": value}
                                                   for key, value in seconds.items()])

    def durations(self) -> dict[str, float]:
        with self._engine.connect() as connection:
            return {row.scenario: row.seconds for row in connection.execute(select(_Duration.scenario,
                                                                                   _Duration.seconds))}

    def close(self) -> None:
        self._engine.dispose()


@dataclass(frozen=True, slots=True)
class KnownScenarios:
    """What earlier runs tell about scenarios ("uri:line name"): `seconds` that each took when it last passed, the
    kinds of call that it `met` in the last GO, and the `images` of that GO.
    """

    seconds: Mapping[str, float] = field(default_factory=dict)
    met: Mapping[str, frozenset[CallKind]] = field(default_factory=dict)
    images: Mapping[str, str] = field(default_factory=dict)


def known_scenarios(root: Path, environment: str, environ: Mapping[str, str]) -> KnownScenarios:
    """What is known for ordering scenarios; empty where nothing is, or the history cannot be used."""
    if "GONOGO_HISTORY" not in environ and not (root / RUNS_FOLDER / "history.sqlite").exists():
        return KnownScenarios()
    try:
        history = History.open(root, environ)
        try:
            last_go = history.last_go(environment)
            return KnownScenarios(history.durations(), last_go.met if last_go else {},
                                  last_go.images if last_go else {})
        finally:
            history.close()
    except SQLAlchemyError:
        return KnownScenarios()  # the order of scenarios is a matter of speed alone
