"""What a run could not check, as data: one class for each kind."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from gonogo.model.calls import Unchecked, Unrecorded


@dataclass(frozen=True, slots=True)
class NotChecked:
    """`report.wording` words it."""


@dataclass(frozen=True, slots=True)
class StageLeftOut(NotChecked):
    """A stage that the environment asks for, and this part of the gate does not."""

    stage: str


@dataclass(frozen=True, slots=True)
class NoScenarioTagged(NotChecked):
    """No scenario of the stage has the requested tags; scenarios of another stage do."""

    stage: str


@dataclass(frozen=True, slots=True)
class StageNotConfigured(NotChecked):
    """A stage that is installed, and that the environment does not ask for."""

    stage: str


@dataclass(frozen=True, slots=True)
class NoStageFeatures(NotChecked):
    """A stage of scenarios that has no feature; the gate's own probes are all that there is."""

    stage: str


@dataclass(frozen=True, slots=True)
class NoRelease(NotChecked):
    pass


@dataclass(frozen=True, slots=True)
class NoServices(NotChecked):
    pass


@dataclass(frozen=True, slots=True)
class NoVersionPath(NotChecked):
    component: str


@dataclass(frozen=True, slots=True)
class ImageNotReported(NotChecked):
    component: str


@dataclass(frozen=True, slots=True)
class NotInRelease(NotChecked):
    """A service that release.yml does not name."""

    component: str


@dataclass(frozen=True, slots=True)
class NotInEnvironment(NotChecked):
    """A released component that environments.yml does not list."""

    component: str


@dataclass(frozen=True, slots=True)
class NoMandatoryJourneys(NotChecked):
    pass


@dataclass(frozen=True, slots=True)
class NoContract(NotChecked):
    components: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NotDocumented(NotChecked):
    """So many endpoints and fields that no OpenAPI document has, and the first of them."""

    endpoints: int
    fields: int
    example: str


@dataclass(frozen=True, slots=True)
class ExchangesUnchecked(NotChecked):
    """So many exchanges that could not be checked against the OpenAPI document, and the first kind of them."""

    count: int
    first: Unchecked


@dataclass(frozen=True, slots=True)
class ExchangesUnrecorded(NotChecked):
    """Exchanges that could not be checked because they were not recorded."""

    missing: Unrecorded


@dataclass(frozen=True, slots=True)
class NoBaseline(NotChecked):
    """No run that this one could be compared with."""


@dataclass(frozen=True, slots=True)
class BaselineNotPromoted(NotChecked):
    """The run that this one was compared with is the last GO: none has been promoted yet."""

    run: str


@dataclass(frozen=True, slots=True)
class HistoryUnusable(NotChecked):
    """The history cannot be read; `error_text` is the reason."""

    error_text: str


class HistoryPart(StrEnum):
    """What the history keeps."""

    IMAGES = "images"
    TRAFFIC = "exchanges"
    LOAD = "load figures"
    SCENARIOS = "scenarios that ran"
    DOCUMENT = "document"
    TIME = "time"
    CALLS = "calls by scenario"  # it orders scenarios, and is compared with nothing
    DURATIONS = "durations of scenarios"  # likewise


@dataclass(frozen=True, slots=True)
class HistoryDamaged(NotChecked):
    """What the history keeps and cannot be read; `run` is "" where it belongs to none, `name` is that of a load profile
    or of a kind of document.
    """

    part: HistoryPart
    run: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class NoBaselineTraffic(NotChecked):
    pass


@dataclass(frozen=True, slots=True)
class NoBaselineScenarios(NotChecked):
    """An older gonogo recorded the baseline, without the scenarios that ran."""


@dataclass(frozen=True, slots=True)
class NoBaselineOutside(NotChecked):
    """The baseline has no record of what people and partners saw."""


@dataclass(frozen=True, slots=True)
class ScenariosNotCompared(NotChecked):
    """What `count` scenarios show, such as `example`, has no counterpart: their steps are not those of the baseline."""

    count: int
    example: str


@dataclass(frozen=True, slots=True)
class OutsideOfFailuresOnly(NotChecked):
    """The environment keeps the exchanges of failing scenarios alone, and with them what people saw."""


@dataclass(frozen=True, slots=True)
class OutsideNotShown(NotChecked):
    """So many pages and answers of the baseline were not seen, or not complete."""

    count: int


@dataclass(frozen=True, slots=True)
class OutsideNotListed(NotChecked):
    """So many more kinds of differences are warnings, beside those that are listed."""

    count: int


@dataclass(frozen=True, slots=True)
class OutsideProblem(NotChecked):
    """What people and partners saw is not known in full; the text is the reason."""

    problem: str


@dataclass(frozen=True, slots=True)
class RulesWithoutPages(NotChecked):
    """What people saw was not recorded, which these rules look at."""

    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RulesWithoutBaseline(NotChecked):
    """The baseline has no document that these rules compare with."""

    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NoTraces(NotChecked):
    """`configured`: the environment has a source of traces. `foreign` spans of traces that the run did not begin came.
    """

    configured: bool
    foreign: int = 0


@dataclass(frozen=True, slots=True)
class NoLogs(NotChecked):
    """No log record came; `configured`: the environment has log files, or a receiver."""

    configured: bool


@dataclass(frozen=True, slots=True)
class ErrorsWithoutScenario(NotChecked):
    """So many errors were logged in no trace of a scenario."""

    count: int


@dataclass(frozen=True, slots=True)
class TrafficProblem(NotChecked):
    """Traffic that could not be read, with the reader's error text."""

    problem: str


@dataclass(frozen=True, slots=True)
class NoBaselineLoad(NotChecked):
    """`profile` is "" where there is no baseline at all."""

    profile: str = ""


@dataclass(frozen=True, slots=True)
class LoadNotComparable(NotChecked):
    """`cause` is "aborted", "generator", "size" or "probe"; `probe_ratio` is how many times as long the probe took."""

    profile: str
    cause: str
    baseline: str
    probe_ratio: float | None = None


@dataclass(frozen=True, slots=True)
class TooFewToCompare(NotChecked):
    """`names` are endpoints with their percentiles ("/api/flights p95")."""

    profile: str
    baseline: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NoProbe(NotChecked):
    profile: str


@dataclass(frozen=True, slots=True)
class TooShortToCompare(NotChecked):
    profile: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SmallerRegressions(NotChecked):
    """Below which ratio no regression would have been seen: of the most and of the least sensitive percentile."""

    profile: str
    baseline: str
    least_ratio: float
    least_name: str
    most_ratio: float
    most_name: str


@dataclass(frozen=True, slots=True)
class PluginNotChecked(NotChecked):
    """What a plug-in's stage had no means to check, in its own words."""

    stage: str
    words: str


@dataclass(frozen=True, slots=True)
class PagesNotOpened(NotChecked):
    """So many links were left when `opened` pages, the most that were to be, had been opened."""

    left: int
    opened: int


@dataclass(frozen=True, slots=True)
class PageNeedsSignIn(NotChecked):
    url: str


@dataclass(frozen=True, slots=True)
class PageElsewhere(NotChecked):
    """A page that led to another site, which was not looked at."""

    url: str
    leads_to: str


@dataclass(frozen=True, slots=True)
class RequestsWithheld(NotChecked):
    """So many requests of pages that could have changed data were not sent, and the first of them."""

    count: int
    example: str


@dataclass(frozen=True, slots=True)
class PagesWithoutAccessibility(NotChecked):
    pass


@dataclass(frozen=True, slots=True)
class ProbeUnsigned(NotChecked):
    """The probe has no sign-in, so only what strangers may ask for was compared."""


@dataclass(frozen=True, slots=True)
class ProbeNew(NotChecked):
    """So many requests that no baseline has: their answers were compared with nothing."""

    requests: int


@dataclass(frozen=True, slots=True)
class ProbeUnstable(NotChecked):
    """So many requests whose answers differ from send to send, and the operation of the first."""

    requests: int
    example: str


@dataclass(frozen=True, slots=True)
class ProbeLeftOut(NotChecked):
    """So many operations and documents that cannot be probed, and the first with why."""

    count: int
    example: str


@dataclass(frozen=True, slots=True)
class ProbeExcluded(NotChecked):
    """So many requests of the baseline whose operations the environment leaves out."""

    requests: int


@dataclass(frozen=True, slots=True)
class ProbeBaselineUnreadable(NotChecked):
    """The baseline's requests were written by another version of gonogo, and were not compared."""

    run: str
