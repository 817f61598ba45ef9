"""vitals.ndjson: the web vitals of the pages that one run of a scenario visited, one line per visit.

`scenarios.recording.vitals` measures them; `verdict` judges them.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from gonogo.core.errors import EvidenceError
from gonogo.records.run_folder import write_whole
from gonogo.secrets.masking import Masker

VITALS_FILE = "vitals.ndjson"
Figure = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class PageVisit(BaseModel):
    """A line. `scenario` is the key of the visiting scenario, `started` in seconds since the epoch, `page` a path, with
    its host if it is of another origin.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    scenario: str
    page: str
    started: Figure
    lcp_ms: Figure | None = None
    inp_ms: Figure | None = None
    cls: Figure | None = None
    ttfb_ms: Figure | None = None


def write_visits(folder: Path, visits: Iterable[PageVisit], masker: Masker) -> None:
    """Write `folder`/vitals.ndjson in one step; no file if no page was visited."""
    lines = [visit.model_dump_json() for visit in visits]
    if lines:
        write_whole(folder / VITALS_FILE, "\n".join(lines) + "\n", masker)


def read_visits(path: Path) -> tuple[PageVisit, ...]:
    """The visits in `path`. Raises EvidenceError if the file is damaged."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
        return tuple(map(PageVisit.model_validate_json, lines))
    except (OSError, ValueError, ValidationError) as error:
        raise EvidenceError("The record of the pages' web vitals is damaged.", where=str(path),
                            fix="run the stage again; only the worker may write this file.") from error
