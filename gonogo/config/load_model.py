"""The load profiles of environments.yml: who comes, in which shape, and what must be met.

`users` is a closed loop (each waits for an answer before it asks again); `arrivals` is an open one (visits begin
by a timetable, however slow the system is). Contradictions between keys are `load_rules`'.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from gonogo.config.base import Milliseconds, Model, Policy, Rate, Ratio, Seconds, Url

OTHERS = "*"  # among objectives: every endpoint that is not named

Moment = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class Objective(Model):
    """What an endpoint must meet under a load profile."""

    p50_ms: Milliseconds | None = None
    p95_ms: Milliseconds | None = None
    p99_ms: Milliseconds | None = None
    p999_ms: Milliseconds | None = None
    error_ratio: Ratio = Field(0.01, description="Failed requests / all requests, at most.")
    min_requests: int = Field(1, ge=1, description="With fewer requests there is too little evidence.")

    @property
    def percentiles(self) -> dict[float, float]:
        """Percent → bound in ms, for the bounds that are set."""
        bounds = {50.0: self.p50_ms, 95.0: self.p95_ms, 99.0: self.p99_ms, 99.9: self.p999_ms}
        return {percent: bound_ms for percent, bound_ms in bounds.items() if bound_ms is not None}


class Spike(Model):
    """Many more at once, for a while."""

    to_per_s: Rate = Field(description="Visits a second during the spike.")
    after_s: Moment = Field(description="When it begins.")
    for_s: Seconds = Field(description="How long it lasts.")
    recovers_within_s: Seconds = Field(10, description="How long after it the objectives may still be missed.")


class Steps(Model):
    """Ever more, until the objectives are no longer met: the knee."""

    by_per_s: Rate = Field(description="Visits a second more with each step.")
    every_s: Seconds = Field(description="How long a step lasts.")
    at_least_per_s: Rate = Field(description="Visits a second at which the objectives must still be met.")


class Arrivals(Model):
    """Visits by a timetable. At most one of `to_per_s`, `spike`, `steps` and `curve` gives it a shape."""

    per_s: Rate = Field(description="Visits a second that begin, all along or at first.")
    to_per_s: Rate | None = Field(None, description="A ramp that ends at so many visits a second.")
    spike: Spike | None = Field(None, description="A spike, and recovery from it.")
    steps: Steps | None = Field(None, description="Steps up to the knee.")
    curve: list[tuple[Moment, Moment]] | None = Field(
        None, min_length=2, description="[second, visits a second] pairs, as recorded; straight lines between them.")
    pacing: Literal["poisson", "even"] = Field("poisson", description="Whether visits come by chance or evenly.")
    seed: int = Field(1, description="The same seed brings the same visits at the same moments.")
    most_at_once: int = Field(100, ge=1, description="Visits under way at most; one more could not start: a failure.")


class Memory(Model):
    """What the components' memory may do over the profile, once the warm-up is over."""

    growth_mib_per_h: float = Field(gt=0, description="MiB an hour by which a component may grow.")


class Journeys(Model):
    """Scenarios with `@under-load`, run in a browser while the load is on, and what their pages must meet.

    A page meets an objective where at least 75 % of its visits do, as Google's Core Web Vitals are assessed.
    """

    lcp_ms: Milliseconds | None = Field(None, description="Largest Contentful Paint of a page, at most.")
    inp_ms: Milliseconds | None = Field(None, description="Interaction to Next Paint of a page, at most.")
    cls: float | None = Field(None, gt=0, description="Cumulative Layout Shift of a page, at most.")
    ttfb_ms: Milliseconds | None = Field(None, description="Time to the first byte of a page, at most.")
    at_least: int = Field(1, ge=1, description="With fewer runs of a scenario there is too little evidence.")
    jobs: int = Field(1, ge=1, description="Browsers at once, on the machine that puts on the load.")

    @property
    def objectives(self) -> dict[str, float]:
        """Vital → its bound, for the bounds that are set."""
        bounds = {"lcp_ms": self.lcp_ms, "inp_ms": self.inp_ms, "cls": self.cls, "ttfb_ms": self.ttfb_ms}
        return {name: bound for name, bound in bounds.items() if bound is not None}


class LoadProfile(Model):
    """One way of putting load on the system; its personas are in load/, its size and objectives here."""

    users: int | None = Field(None, gt=0, description="Closed loop: users at the peak.")
    spawn_rate: float = Field(5, gt=0, description="Closed loop: users started a second.")
    arrivals: Arrivals | None = Field(None, description="Open loop: visits that begin by a timetable.")
    duration_s: Seconds = Field(description="How long the profile sends, warm-up included.")
    warm_up_s: float = Field(0, ge=0, description="What begins earlier is recorded, and not judged.")
    grace_s: float = Field(5, ge=0, description="How long requests under way at the end may take; then they failed.")
    extend: bool = Field(
        True, description="Go on once, for as long again, where an objective is neither met nor missed.")
    abort_after_s: Seconds | None = Field(
        10, description="From when on it is ended once an objective can no longer be met; null: never.")
    journeys: Journeys | None = Field(None, description="Scenarios in a browser while the load is on.")
    memory: Memory | None = Field(None, description="A leak check, where services tell their memory.")
    objectives: dict[str, Objective] = Field(
        min_length=1, description="Endpoint (a request's name, or '*' for all others) → what it must meet.")

    def objective_of(self, endpoint: str) -> Objective | None:
        """Its own, or that of all others; None where there is neither."""
        return self.objectives.get(endpoint, self.objectives.get(OTHERS))

    @property
    def most_at_once(self) -> int:
        """Users, or visits, that may be under way at once."""
        return self.arrivals.most_at_once if self.arrivals else self.users or 0


class SmallestRegression(Model):
    """The smallest growth that matters; one that is smaller, by either, is none."""

    ratio: float = Field(1.1, gt=1, description="How many times as long as in the last promoted run.")
    ms: Milliseconds = Field(5, description="By how many milliseconds.")


class Load(Model):
    """The load stage: which profiles there are, and which of them the gate runs."""

    default: str | None = Field(None, description="The profile of a plain `locust -f load/`.")
    run: list[str] = Field(default_factory=list, description="The profiles that the gate runs, in this order.")
    probe: Url | None = Field(None, description=(
        "What no release changes, asked alongside: a machine that is slower today is not taken for a slower release."))
    regression: Policy = Field("warn", description="An endpoint that is slower than in the last promoted run.")
    regression_from: SmallestRegression = Field(
        SmallestRegression(), description="What is slower by less is no regression.")
    profiles: dict[str, LoadProfile] = Field(min_length=1)
