"""The document of requests and classes of answers that a GO keeps of the probe stage.

Many requests have answers of the same class: each class is written once.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from gonogo.model.probing import AnswerClass, KnownRequest, ProbeBaseline, ProbeRequest

KIND = "probe"  # of evidence, in the history
MAX_KNOWN = 5_000  # requests of a document
_VERSION = 1


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Known(_Strict):
    """`answer` is an index of the document's answers."""

    request: ProbeRequest
    answer: int
    unstable: tuple[str, ...]
    failed: bool
    ms: float


class _Document(_Strict):
    version: int
    versions: dict[str, str]
    answers: tuple[AnswerClass, ...]
    requests: tuple[_Known, ...]


_ANSWER = TypeAdapter(AnswerClass)


def probe_document(baseline: ProbeBaseline) -> dict[str, object]:
    """As JSON, with at most MAX_KNOWN requests: the first ones."""
    indices: dict[str, int] = {}
    answers: list[AnswerClass] = []
    requests = []
    for known in baseline.requests[:MAX_KNOWN]:
        text = json.dumps(_ANSWER.dump_python(known.answer, mode="json"), sort_keys=True)
        if text not in indices:
            indices[text] = len(answers)
            answers.append(known.answer)
        requests.append(_Known(request=known.request, answer=indices[text], unstable=tuple(sorted(known.unstable)),
                               failed=known.failed, ms=round(known.ms, 1)))
    return _Document(version=_VERSION, versions=dict(baseline.versions), answers=tuple(answers),
                     requests=tuple(requests)).model_dump(mode="json")


def probe_baseline(document: Mapping[str, object]) -> ProbeBaseline | None:
    """The baseline in a document of `probe_document`; None if it is not one that this version can read."""
    try:
        read = _Document.model_validate(document)
        if read.version != _VERSION or len(read.requests) > MAX_KNOWN:
            return None
        return ProbeBaseline(tuple(
            KnownRequest(each.request, read.answers[each.answer], frozenset(each.unstable), each.failed, each.ms)
            for each in read.requests), read.versions)
    except (ValidationError, IndexError, RecursionError):
        return None
