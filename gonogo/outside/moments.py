"""When pages asked: they do when they like, a step earlier in one run and later in the next."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from gonogo.model.outside import Place, PlaceKind
from gonogo.outside.baseline import KnownPlace, Places
from gonogo.outside.compare import changes

_MAX_APART = 20


class Moments:
    """The reads of a scenario in the run and in the baseline, whose places are `before`."""

    def __init__(self, own: Places, before: Places, steps: Sequence[str]) -> None:
        self._own, self.before, self._steps = own, before, steps
        self._own_reads, self._reads_before = _reads_of(own), _reads_of(before)

    def is_another(self, place: Place) -> bool:
        """Whether a page has only asked a step earlier or later than in the baseline.

        Its answer is the baseline's of a step beside; or the baseline's answer has moved to the step after, so that one
        is the last of this step that was not in the baseline.
        """
        own, before = self._own, self.before
        if not _is_read_of_page(place) or place not in before or _is_alike(own[place], before[place], place, place):
            return False
        at = [number for number, step in enumerate(self._steps) if step == place.step]
        sooner, later = ({self._steps[each + by] for each in at if 0 <= each + by < len(self._steps)} for by in (-1, 1))
        return (any(_is_alike(own[place], before[other], place, other) for step in {*sooner, *later}
                    for other in self._reads_before.get(_read_in(place, step), ()))
                or any(_is_alike(own[other], before[place], place, other)
                       and not (other in before and _is_alike(own[other], before[other], other, other))
                       for step in later for other in self._own_reads.get(_read_in(place, step), ())))


def _is_read_of_page(place: Place) -> bool:
    return place.kind is PlaceKind.ANSWER and bool(place.person) and place.is_read


def _reads_of(places: Places) -> dict[Place, list[Place]]:
    """The reads of pages, by their place without its number."""
    reads: dict[Place, list[Place]] = defaultdict(list)
    for place in filter(_is_read_of_page, places):
        reads[_read_in(place, place.step)].append(place)
    return reads


def _read_in(place: Place, step: str) -> Place:
    return replace(place, step=step, ordinal=1)


def _is_alike(now: KnownPlace, was: KnownPlace, place: Place, other: Place) -> bool:
    """Equal but for what varies; of many reads of a step, only those near in number vary alike."""
    is_near = abs(place.ordinal - other.ordinal) <= _MAX_APART
    return now.items == was.items or (is_near and bool(was.varies) and all(
        was.is_known_to_vary(change) for change in changes(now.items, was.items, place.person)))
