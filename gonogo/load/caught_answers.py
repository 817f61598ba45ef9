"""Counts answers that a persona caught and never judged: `catch_response=True` without `with` reports nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from locust import clients
from locust.contrib import fasthttp

_MARK = "gonogo_endpoint"  # attribute of an answer that no `with` has entered yet
_MAX_ENDPOINTS = 100


class CaughtAnswers:
    """The answers that no `with` has entered, by endpoint."""

    def __init__(self) -> None:
        self._open: Counter[str] = Counter()

    def taken(self) -> Mapping[str, int]:
        """Error text → number of answers. Call it when no persona runs."""
        left, self._open = +self._open, Counter()
        return {f"{endpoint}: an answer of `catch_response=True` was not counted, as no `with` entered it": number
                for endpoint, number in left.most_common(_MAX_ENDPOINTS)}

    def add(self, answer: Any) -> None:  # noqa: ANN401  either client's
        endpoint = str(answer.request_meta["name"])
        setattr(answer, _MARK, endpoint)
        self._open[endpoint] += 1

    def remove(self, answer: object) -> None:
        endpoint = vars(answer).pop(_MARK, None)
        if endpoint is not None:
            self._open[endpoint] -= 1


def watch_answers(caught: CaughtAnswers) -> None:
    """Count caught answers, of both of Locust's HTTP clients."""
    for session in (clients.HttpSession, fasthttp.FastHttpSession):
        session.request = _requesting(session.request, caught)  # type: ignore[method-assign]
    for answer in (clients.ResponseContextManager, fasthttp.ResponseContextManager):
        answer.__enter__ = _entering(answer.__enter__, caught)  # type: ignore[method-assign]


def _requesting(request: Callable[..., Any], caught: CaughtAnswers) -> Callable[..., Any]:
    @wraps(request)
    def requesting(session: Any, *args: Any, **options: Any) -> Any:  # noqa: ANN401  either client
        answer = request(session, *args, **options)
        if getattr(answer, "_catch_response", False):
            caught.add(answer)
        return answer

    return requesting


def _entering(enter: Callable[..., Any], caught: CaughtAnswers) -> Callable[..., Any]:
    @wraps(enter)
    def entering(answer: Any) -> Any:  # noqa: ANN401
        caught.remove(answer)
        return enter(answer)

    return entering
