"""Who broke whom: the calls that went wrong, joined with the images that changed since the last GO."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from gonogo.evidence.model import FailedCall, RunEvidence
from gonogo.verdict.model import Suspect


def rank_suspects(run: RunEvidence) -> tuple[Suspect, ...]:
    """Suspects, the most often met first; empty where no call of a failing scenario tells a peer."""
    found: Counter[Suspect] = Counter()
    for calls in run.failed_calls.values():
        if suspect := suspect_of(calls, run):
            found[suspect] += 1
    return tuple(suspect for suspect, _ in found.most_common())


def suspect_of(calls: Sequence[FailedCall], run: RunEvidence) -> Suspect | None:
    """The suspect of one scenario, from its first call whose error can be followed to a peer."""
    call = next((call for call in calls if len(call.chain) > 1), None)
    if call is None:
        return None
    changed = changed_components(run.release, run.last_go)
    component = _component(call.chain, changed)
    deepest = call.chain[-1]
    peer = deepest if deepest != component else call.chain[-2]
    answered = f"answered {call.status}" if call.status else "gave no answer"
    why = f"{answered}; {' → '.join(call.chain)}: {call.said}; {_changes(changed, run.last_go)}"
    return Suspect(component, peer, call.edge, why)


def changed_components(release: Mapping[str, str], last_go: Mapping[str, str] | None) -> tuple[str, ...]:
    """Components whose image is not that of the last GO; none where there has been no GO."""
    if last_go is None:
        return ()
    return tuple(component for component, digest in release.items() if last_go.get(component) != digest)


def _component(chain: Sequence[str], changed: Sequence[str]) -> str:
    """The changed component nearest to where the error began; one that is not on the way sent what began it.

    Where nothing is known to have changed, the caller of the deepest: it sent what was refused.
    """
    for name in reversed(chain):
        if name in changed:
            return name
    return changed[0] if len(changed) == 1 else chain[-2]


def _changes(changed: Sequence[str], last_go: Mapping[str, str] | None) -> str:
    if last_go is None:
        return "there is no earlier GO to compare images with"
    if not changed:
        return "no image changed since the last GO"
    return f"changed since the last GO: {', '.join(changed)}"
