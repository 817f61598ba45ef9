"""contracts.json: the OpenAPI documents that the exchanges of a run were checked against, as they were then.

A run that is judged again needs them: the files may have changed, and a URL may no longer answer.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from gonogo.core.errors import ConfigError, EvidenceError
from gonogo.records.run_folder import write_masked_json
from gonogo.secrets.masking import Masker
from gonogo.traffic.contract.documents import Documents

CONTRACTS_FILE = "contracts.json"
MAX_FILE_BYTES = 128 * 1024 * 1024
_RUN_AGAIN = "run the gate again; nothing else may write to the run folder."


class _Document(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Error(_Document):
    what: str
    where: str
    fix: str


class _Contract(_Document):
    """Of one component: its document and the parts of it that cannot be used, or why nothing of it can."""

    component: str
    document: dict[str, Any] | None = None
    parts: list[str] = Field(default_factory=list)
    error: _Error | None = None


class _Contracts(_Document):
    schema_: Literal[1] = Field(1, alias="schema")
    contracts: list[_Contract]


def write_contracts(run_folder: Path, documents: Documents, masker: Masker) -> None:
    """Write the documents, with the known secrets masked."""
    contracts = [_Contract(component=name, document=document, parts=list(documents.parts.get(name, ())))
                 for name, document in documents.by_component.items()]
    contracts += [_Contract(component=name, error=_Error(what=error.what, where=error.where, fix=error.fix))
                  for name, error in documents.errors.items()]
    content = _Contracts(schema=1, contracts=contracts).model_dump(by_alias=True, exclude_defaults=True)
    write_masked_json(run_folder / CONTRACTS_FILE, {"schema": 1, **content}, masker)


def read_contracts(run_folder: Path) -> Documents:
    """The documents in a run folder. Raises EvidenceError if the file is missing, damaged or too large."""
    path = run_folder / CONTRACTS_FILE
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise EvidenceError(f"{CONTRACTS_FILE} cannot be read: {error.strerror}.", where=str(path),
                            fix=_RUN_AGAIN) from error
    if len(raw) > MAX_FILE_BYTES:
        raise EvidenceError(f"{CONTRACTS_FILE} is larger than {MAX_FILE_BYTES // 1024 ** 2} MiB.", where=str(path),
                            fix="use smaller OpenAPI documents; the run itself was judged with all of them.")
    try:
        contracts = _Contracts.model_validate_json(raw).contracts
    except ValidationError as error:
        raise EvidenceError(f"{CONTRACTS_FILE} is damaged.", where=str(path), fix=_RUN_AGAIN) from error
    return Documents(
        {each.component: each.document for each in contracts if each.document is not None},
        {each.component: tuple(each.parts) for each in contracts if each.parts},
        {each.component: ConfigError(each.error.what, where=each.error.where, fix=each.error.fix)
         for each in contracts if each.error})
