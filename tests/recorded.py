"""What scenarios of a small shop recorded, made by hand: pages, inputs, exchanges, mails. No gate, no browser."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence

from gonogo.invariants import Watched, observe
from gonogo.invariants.baseline import RulesBaseline
from gonogo.model.calls import BROWSER
from gonogo.model.exchange import Body, Exchange, Message
from gonogo.model.identity import ScenarioId
from gonogo.model.invariants import Fault, InvariantEvidence
from gonogo.model.outside import Input, Mail, OutsideRecord, PageView, StepTiming
from gonogo.model.scenarios import Attempt, Scenario, Status
from gonogo.outside import Seen

URL = "http://shop.test"
STARTED_S = 1_000_000.0
STEP_S = 10.0  # from the start of a step to that of the next


def scenario(name: str) -> Scenario:
    return Scenario(ScenarioId("shop.feature", "", name), name, "Shop", 1, attempts=(Attempt(Status.PASSED),))


def key(name: str) -> str:
    return scenario(name).key


def at_s(step: int) -> float:
    """Within a step, which takes a second."""
    return STARTED_S + step * STEP_S + 0.5


def typed(person: str, field: str, value: str, step: int = 0) -> Input:
    return Input(person, step, field, value)


def page(person: str, *lines: str, path: str = "/", step: int = 1, title: str = "Shop") -> PageView:
    return PageView(person, step, URL + path, title, "\n".join(f"- {line}" for line in lines))


def record(*parts: Input | PageView, steps: int = 3, action_s: Mapping[int, float] | None = None,
           took_s: Mapping[int, float] | None = None) -> OutsideRecord:
    """A record of so many steps, each of which takes a second, or as long as `took_s` says."""
    timings = tuple(StepTiming(index, f"step {index}", STARTED_S + index * STEP_S,
                               STARTED_S + index * STEP_S + (took_s or {}).get(index, 1.0),
                               (action_s or {}).get(index)) for index in range(steps))
    return OutsideRecord(timings, tuple(each for each in parts if isinstance(each, PageView)),
                         inputs=tuple(each for each in parts if isinstance(each, Input)))


def exchange(path: str, answer: object = None, *, of: str, method: str = "GET", person: str = "Ana", status: int = 200,
             sent: object = None, headers: Sequence[tuple[str, str]] = (), sent_headers: Sequence[tuple[str, str]] = (),
             mime: str = "application/json", caller: str = BROWSER, callee: str = "shop", step: int = 1,
             resource_type: str = "fetch", url: str = URL, failure: str = "", size: int | None = None) -> Exchange:
    return Exchange(method, url + path, status, at_s(step), 5.0, Message(tuple(sent_headers), _body(sent, "application/json")),
                    Message(tuple(headers), _body(answer, mime, size)), caller, callee, key(of), f"step {step}", person,
                    resource_type=resource_type, failure=failure)


def _body(content: object, mime: str, size: int | None = None) -> Body | None:
    if content is None and size is None:
        return None
    text = content if isinstance(content, str) else json.dumps(content)
    return Body(mime, len(text) if size is None else size, text)


def mail(to: str, text: str = "", html: str = "", subject: str = "Your order", step: int = 2) -> Mail:
    return Mail("m1", at_s(step), "shop@shop.test", (to,), subject, text=text, html=html)


def seen(records: Mapping[str, OutsideRecord], exchanges: Iterable[Exchange] = (), mails: Iterable[Mail] = (),
         between: Iterable[Exchange] = ()) -> Seen:
    """`records` are by the name of the scenario."""
    return Seen([scenario(name) for name in records], {key(name): each for name, each in records.items()},
                {}, list(exchanges), list(between), mails=list(mails), third_parties=frozenset({"bank"}),
                tools=frozenset({"bank", "mail"}), catcher="mail", started_s=STARTED_S)


def faults(now: Seen | Watched, *before: Seen | Watched, rule: str) -> list[Fault]:
    """The faults that the last run has by a rule, after the GO runs `before`."""
    return [fault for fault in evidence(now, *before).faults if fault.rule == rule]


def evidence(now: Seen | Watched, *before: Seen | Watched) -> InvariantEvidence:
    """Each baseline is written and read, as the history does it."""
    baseline: RulesBaseline | None = None
    for each in before:
        kept = observe(_watched(each), baseline)[1]
        baseline = RulesBaseline.from_document(json.loads(json.dumps(kept.as_document())))
        assert baseline is not None
    return observe(_watched(now), baseline)[0]


def new(now: Seen | Watched, *before: Seen | Watched, rule: str) -> list[Fault]:
    """Those that stop the release if the policy is to block."""
    return [fault for fault in faults(now, *before, rule=rule) if fault.certain and not fault.known]


def _watched(run: Seen | Watched) -> Watched:
    return run if isinstance(run, Watched) else Watched(run)
