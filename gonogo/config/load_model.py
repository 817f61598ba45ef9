"""The load profiles of environments.yml: users or visits, the load shape, and the objectives.

`users` is a closed loop (each waits for the response before its next request); `arrivals` is an open loop (visits
begin by a timetable, however slow the system is). `load_rules` checks keys against each other.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from gonogo.config.base import Milliseconds, Model, Policy, Rate, Ratio, Seconds, Url

OTHERS = "*"  # in objectives: every endpoint that has no objective of its own

Moment = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class Objective(Model):
    """The objectives of an endpoint under a load profile."""

    p50_ms: Milliseconds | None = None
    p95_ms: Milliseconds | None = None
    p99_ms: Milliseconds | None = None
    p999_ms: Milliseconds | None = None
    error_ratio: Ratio = Field(0.01, description="Maximum ratio of failed requests to all requests.")
    min_requests: int = Field(1, ge=1, description="Minimum number of requests; fewer are too little evidence.")

    @property
    def percentiles(self) -> dict[float, float]:
        """Percent → bound in ms, for each bound that is set."""
        bounds = {50.0: self.p50_ms, 95.0: self.p95_ms, 99.0: self.p99_ms, 99.9: self.p999_ms}
        return {percent: bound_ms for percent, bound_ms in bounds.items() if bound_ms is not None}


class Spike(Model):
    """A temporary higher rate of visits."""

    to_per_s: Rate = Field(description="Visits per second during the spike.")
    after_s: Moment = Field(description="When it begins, in seconds after the start.")
    for_s: Seconds = Field(description="How long it lasts, in seconds.")
    recovers_within_s: Seconds = Field(10, description=(
        "Seconds after the spike in which objectives may still be missed."))


class Steps(Model):
    """A rising rate, up to the knee: the rate at which the objectives are first missed."""

    by_per_s: Rate = Field(description="Visits per second that each step adds.")
    every_s: Seconds = Field(description="Length of a step in seconds.")
    at_least_per_s: Rate = Field(description="Visits per second at which the objectives must still be met.")


class Arrivals(Model):
    """Visits by a timetable. At most one of `to_per_s`, `spike`, `steps` and `curve` sets the load shape."""

    per_s: Rate = Field(description="Visits that begin per second: constant, or the rate at the start.")
    to_per_s: Rate | None = Field(None, description="A ramp up to this many visits per second.")
    spike: Spike | None = Field(None, description="A spike and the recovery from it.")
    steps: Steps | None = Field(None, description="Steps up to the knee.")
    curve: list[tuple[Moment, Moment]] | None = Field(
        None, min_length=2, description="[second, visits per second] pairs, such as a recording; linear between them.")
    pacing: Literal["poisson", "even"] = Field("poisson", description=(
        "Whether visits begin at random (a Poisson process) or at even intervals."))
    seed: int = Field(1, description="The same seed gives the same visits at the same times.")
    most_at_once: int = Field(100, ge=1, description=(
        "Maximum number of visits at once; a visit above it is dropped and counts as a failure."))


class Memory(Model):
    """The limit on the components' memory growth after the warm-up."""

    growth_mib_per_h: float = Field(gt=0, description="Maximum growth of a component, in MiB per hour.")


class Journeys(Model):
    """Scenarios tagged `@under-load` that run in a browser during the load, and the objectives of their pages.

    A page meets an objective if at least 75 % of its visits do, as in Google's Core Web Vitals.
    """

    lcp_ms: Milliseconds | None = Field(None, description="Maximum Largest Contentful Paint of a page.")
    inp_ms: Milliseconds | None = Field(None, description="Maximum Interaction to Next Paint of a page.")
    cls: float | None = Field(None, gt=0, description="Maximum Cumulative Layout Shift of a page.")
    ttfb_ms: Milliseconds | None = Field(None, description="Maximum time to the first byte of a page.")
    at_least: int = Field(1, ge=1, description="Minimum number of runs of a scenario; fewer are too little evidence.")
    jobs: int = Field(1, ge=1, description="Parallel browsers, on the machine that generates the load.")

    @property
    def objectives(self) -> dict[str, float]:
        """Vital → its bound, for each bound that is set."""
        bounds = {"lcp_ms": self.lcp_ms, "inp_ms": self.inp_ms, "cls": self.cls, "ttfb_ms": self.ttfb_ms}
        return {name: bound for name, bound in bounds.items() if bound is not None}


class LoadProfile(Model):
    """One load profile. Its personas are in load/, its size and objectives here."""

    users: int | None = Field(None, gt=0, description="Closed loop: number of users at the peak.")
    spawn_rate: float = Field(5, gt=0, description="Closed loop: users started per second.")
    arrivals: Arrivals | None = Field(None, description="Open loop: visits that begin by a timetable.")
    duration_s: Seconds = Field(description="How long the profile sends requests, including the warm-up.")
    warm_up_s: float = Field(0, ge=0, description="Requests that begin earlier are recorded but not judged.")
    grace_s: float = Field(5, ge=0, description=(
        "How long open requests may take at the end; later they count as failed."))
    extend: bool = Field(
        True, description=(
            "Continue once, for the same duration, if an objective is neither clearly met nor clearly missed."))
    abort_after_s: Seconds | None = Field(
        10, description="After this time, end the profile early once an objective can no longer be met; null: never.")
    journeys: Journeys | None = Field(None, description="Scenarios that run in a browser during the load.")
    memory: Memory | None = Field(None, description="A check for memory leaks, for services with `metrics`.")
    objectives: dict[str, Objective] = Field(
        min_length=1, description="Endpoint (a request's name, or '*' for all others) → its objectives.")

    def objective_of(self, endpoint: str) -> Objective | None:
        """Return its own objective, or that of all others, or None."""
        return self.objectives.get(endpoint, self.objectives.get(OTHERS))

    @property
    def most_at_once(self) -> int:
        """Maximum number of users or visits at once."""
        return self.arrivals.most_at_once if self.arrivals else self.users or 0


class SmallestRegression(Model):
    """The smallest regression to report. A growth must reach both values."""

    ratio: float = Field(1.1, gt=1, description="Minimum ratio of the latency to that of the baseline.")
    ms: Milliseconds = Field(5, description="Minimum growth in milliseconds.")


class Load(Model):
    """The load stage: all profiles, and those that the gate runs."""

    default: str | None = Field(None, description="The profile of a plain `locust -f load/`.")
    run: list[str] = Field(default_factory=list, description="The profiles that the gate runs, in this order.")
    probe: Url | None = Field(None, description=(
        "A URL that no release changes, requested during the load: a slower machine is not reported as a regression."))
    regression: Policy = Field("warn", description="What an endpoint that is slower than in the baseline means.")
    regression_from: SmallestRegression = Field(
        SmallestRegression(), description="The smallest growth that counts as a regression.")
    profiles: dict[str, LoadProfile] = Field(min_length=1)
