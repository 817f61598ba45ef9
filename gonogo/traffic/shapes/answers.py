"""The class of one answer, and how two answers to the same request differ.

Values do not count, their kinds do. Of what differs from answer to answer anyway, such as an id that sometimes has only
digits, the kinds that cover each other are equal.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from gonogo.model.exchange import Body, Message
from gonogo.model.probing import (
    MEDIA,
    PROBLEM,
    STATUS,
    AnswerClass,
    AnswerDifference,
    DifferenceKind,
    PlaceClass,
)
from gonogo.traffic.shapes.formats import COVERS
from gonogo.traffic.shapes.places import places_of
from gonogo.traffic.shapes.values import FORMAT, MARKUP, MEMBER, SPACE, TYPE, UNICODE

MAX_PLACES = 300  # of one answer
_FACETS = frozenset({TYPE, FORMAT, SPACE, UNICODE, MARKUP})
_PROBLEM_MIME = "application/problem+json"


def answer_class(status: int, body: Body | None) -> AnswerClass:
    """The class of an answer with `status`, 0 for none; `body` is None where there is none."""
    if body is None or not status:
        return AnswerClass(status)
    message = Message(body=body)
    document = message.json()
    problem = document.get("type") if body.mime == _PROBLEM_MIME and isinstance(document, dict) else None
    return AnswerClass(status, body.mime, problem if isinstance(problem, str) else "",
                       _places(message, codes=status >= 400))


def answer_difference(now: AnswerClass, then: AnswerClass, unstable: Collection[str] = (), *,
                      failed_before: bool = False) -> AnswerDifference | None:
    """The gravest difference; None if there is none. Places that are new are none: clients ignore them.

    `unstable` are aspects and places that do not count; that the server fails counts, unless it did (`failed_before`).
    """
    def changed(kind: DifferenceKind, where: str, was: object, is_now: object) -> AnswerDifference:
        return AnswerDifference(kind, where, str(was), str(is_now))

    if now.failed:
        fails_anew = not then.failed and not failed_before
        return changed(DifferenceKind.FAILED, STATUS, then.status, now.status) if fails_anew else None
    if then.failed or STATUS in unstable:
        return None
    if now.accepted != then.accepted:
        kind = DifferenceKind.ACCEPTED if now.accepted else DifferenceKind.REFUSED
        return changed(kind, STATUS, then.status, now.status)
    for where, is_now, was in ((STATUS, now.status, then.status), (MEDIA, now.mime, then.mime),
                               (PROBLEM, now.problem, then.problem)):
        if is_now != was and where not in unstable:
            return changed(DifferenceKind.ANSWER, where, was, is_now)
    place = next((each for each in _changed_places(now, then) if each not in unstable), None)
    if place is None:
        return None
    found = now.places.get(place)
    return changed(DifferenceKind.SHAPE, place, ", ".join(then.places[place].kinds),
                   ", ".join(found.kinds) if found else "")


def unstable_aspects(one: AnswerClass, other: AnswerClass) -> frozenset[str]:
    """What differs between two answers to the same request."""
    if one.status != other.status:
        return frozenset({STATUS})
    aspects = {MEDIA} if one.mime != other.mime else set()
    aspects |= {PROBLEM} if one.problem != other.problem else set()
    return frozenset({*aspects, *_changed_places(one, other), *_changed_places(other, one)})


def _places(message: Message, *, codes: bool) -> dict[str, PlaceClass]:
    """`codes`: members of enumerations count too, as the code of an error does."""
    found: dict[str, tuple[str, set[str]]] = {}
    for where, parent, kinds, value in places_of(message, "response"):
        wanted = {f"{facet} {kind}" for facet, kind in kinds
                  if facet in _FACETS or (codes and facet == MEMBER and isinstance(value, str))}
        if wanted and (where in found or len(found) < MAX_PLACES):
            found.setdefault(where, (parent, set()))[1].update(wanted)
    return {where: PlaceClass(parent, tuple(sorted(kinds))) for where, (parent, kinds) in found.items()}


def _changed_places(now: AnswerClass, then: AnswerClass) -> Iterator[str]:
    """Places of `then` that are gone from a containing object that is still there, or that have other kinds."""
    for where, was in then.places.items():
        found = now.places.get(where)
        if found is None:
            if was.parent in now.places and len(now.places) < MAX_PLACES:
                yield where
        elif not _same(found.kinds, was.kinds):
            yield where


def _same(now: tuple[str, ...], then: tuple[str, ...]) -> bool:
    """Whether each kind was there, or one that covers it."""
    before: dict[str, set[str]] = {}
    for facet, kind in map(_split, then):
        before.setdefault(facet, set()).add(kind)
    return all(any(_alike(facet, kind, was) for was in before.get(facet, {kind})) for facet, kind in map(_split, now))


def _alike(facet: str, now: str, then: str) -> bool:
    if now == then:
        return True
    if facet == FORMAT:
        return now in COVERS.get(then, ()) or then in COVERS.get(now, ())
    return facet == TYPE and (now, then) == ("integer", "decimal")


def _split(kind: str) -> tuple[str, str]:
    facet, _, name = kind.partition(" ")
    return facet, name
