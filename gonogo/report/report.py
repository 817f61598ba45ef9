"""The protocol of reports: each writes one file of the run folder from the verdict and the evidence."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from gonogo.config import Environment
from gonogo.model.run import RunEvidence
from gonogo.model.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Material:
    """The input of a report. `document` is verdict.json (schema 2); its paths are relative to `run_folder`."""

    document: Mapping[str, object]
    verdict: Verdict
    evidence: RunEvidence
    environment: Environment
    run_folder: Path


class Report(ABC):
    """Registered under the entry point `gonogo.reports`. `file_name` is the name of its file in the run folder."""

    file_name: ClassVar[str]

    @abstractmethod
    def render(self, material: Material) -> str:
        """The content of the file; the gate writes it before verdict.json."""
