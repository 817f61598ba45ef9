"""The history of runs in a database: SQLite in runs/ by default, any SQLAlchemy URL by GONOGO_HISTORY."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from sqlalchemy import JSON, Engine, Float, String, create_engine, delete, insert, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from gonogo.evidence.run_folder import RUNS_FOLDER


class _Base(DeclarativeBase):
    pass


class _Run(_Base):
    __tablename__ = "runs"
    run: Mapped[str] = mapped_column(String(64), primary_key=True)
    environment: Mapped[str] = mapped_column(String(128), index=True)
    answer: Mapped[str] = mapped_column(String(16))
    started: Mapped[str] = mapped_column(String(40))
    release: Mapped[dict[str, str]] = mapped_column(JSON)


class _Duration(_Base):
    __tablename__ = "durations"
    scenario: Mapped[str] = mapped_column(String(1024), primary_key=True)
    seconds: Mapped[float] = mapped_column(Float)


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

    def last_go(self, environment: str) -> dict[str, str] | None:
        """Component → digest of the newest run there that ended in GO; None before the first."""
        query = (select(_Run.release).where(_Run.environment == environment, _Run.answer == "GO")
                 .order_by(_Run.started.desc()).limit(1))
        with self._engine.connect() as connection:
            found = connection.execute(query).scalar_one_or_none()
        return dict(found) if found is not None else None

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


def known_durations(root: Path) -> dict[str, float]:
    """Seconds that each scenario took when it last passed, "uri:line name" → s; empty where nothing is known."""
    if "GONOGO_HISTORY" not in os.environ and not (root / RUNS_FOLDER / "history.sqlite").exists():
        return {}
    try:
        history = History.open(root, os.environ)
        try:
            return history.durations()
        finally:
            history.close()
    except SQLAlchemyError:
        return {}  # the order of scenarios is a matter of speed alone
