"""environments.yml and release.yml as typed models: what may stand in them, and what it means.

Reading files, `${VAR}` and error messages are `gonogo.config.reading`'s; this module knows no file.
The JSON Schema that editors use is made from these classes.
"""

from __future__ import annotations

from typing import Any, Literal, get_args

from pydantic import Field, SecretStr, model_validator

from gonogo.config.base import Command, Digest, Model, Policy, Seconds, Url
from gonogo.config.load_model import Load


class Service(Model):
    """A component of the system, reached directly, beside the system's own `url`."""

    url: Url = Field(description="Where the component answers.")
    health: str = Field("/health", description="Path that answers 200 when the component and what it needs are well.")
    version: str | None = Field("/version", description="Path that tells the running image; null where there is none.")
    image_field: str = Field("image", description="The member of the version document that holds the image digest.")
    config_field: str | None = Field("config", description="The member that holds the digest of the settings.")
    openapi: str | None = Field(None, description="Path or URL of the component's OpenAPI document.")
    metrics: str | None = Field(None, description="Path of its Prometheus metrics, which tell its resident memory.")
    probe: str = Field("http", description="What looks at its health and version: http, or what a plug-in brings.")
    calls: list[str] = Field(
        default_factory=list, description="Services and third parties that it calls; a scenario must cross each.")
    pages: bool = Field(False, description="What it serves runs in the users' browser.")


class ThirdParty(Model):
    """The test gateway of a third party (a bank, a reservation system): like production, no money moves."""

    url: Url = Field(description="Where the test gateway answers.")
    health: str = Field("/health", description="Path that answers below 500 when the gateway can be reached.")
    key: SecretStr | None = Field(None, description="The test account's key, as ${VAR}; never printed or written.")
    openapi: str | None = Field(None, description="Path or URL of the OpenAPI document that the party publishes.")


class Viewport(Model):
    width: int = Field(1280, ge=200, le=7680)
    height: int = Field(800, ge=200, le=4320)


class Browser(Model):
    """The browser that scenarios meet the system with."""

    engine: Literal["chromium", "firefox", "webkit"] = "chromium"
    executable: str | None = Field(None, description="A browser to use; found or downloaded where left out.")
    remote: str | None = Field(None, description="ws:// or http:// address of a remote browser (CDP for Chromium).")
    headless: bool = True
    locale: str = Field("en-GB", description="BCP 47 tag, unless a scenario asks for another.")
    timezone: str = Field("Europe/London", description="IANA time zone, unless a scenario asks for another.")
    viewport: Viewport = Viewport()
    timeout_s: Seconds = Field(10, description="How long an expectation or an action may wait.")


class Provision(Model):
    """How the environment is started where it does not answer, and stopped again."""

    up: Command = Field(description="Command that returns when the environment is up.")
    down: Command | None = Field(None, description="Command that stops it; without it, it is left running.")
    timeout_s: Seconds = Field(60, description="How long `up` may take.")


class Permits(Model):
    """What may be done to the environment. Everything is refused unless it is permitted here."""

    writes: bool = Field(False, description="Scenarios that change data may run.")
    load_users: int = Field(0, ge=0, description="Users, or visits, that load may have under way; 0 refuses all.")
    faults: bool = Field(False, description="Faults may be injected.")


class Retries(Model):
    """How often a failing scenario is tried again, and what passing at last is worth."""

    scenarios: int = Field(0, ge=0, le=5, description="Further tries for a scenario that failed.")
    flaky: Policy = Field("warn", description="What a scenario that passed only at a later try means.")


class Pages(Model):
    """What the pages stage opens in a browser: the page at `url`, and what it links to within the site."""

    max_pages: int = Field(20, ge=1, le=500, description="Pages that are opened, at most.")
    max_requests: int = Field(10_000, ge=1, description="Requests that all of them may send, at most.")
    load_s: Seconds = Field(15, description="How long a page may take to load.")
    accessibility: Policy = Field("block", description=(
        "What a serious or critical violation of WCAG 2.1 A or AA means; lesser ones warn, unless they are ignored."))


class Budgets(Model):
    """Bounds on the run itself: past them it is ended, and the verdict is INCONCLUSIVE."""

    scenario_s: Seconds = Field(60, description="The longest that one scenario may take.")
    behaviour_s: Seconds = Field(900, description="The longest that all scenarios may take.")
    platform_s: Seconds = Field(120, description="The longest that the platform features may take.")
    pages_s: Seconds = Field(300, description="The longest that opening pages may take.")
    plugin_s: Seconds = Field(300, description="The longest that one call of a plug-in may take.")


class Traces(Model):
    """Where the spans of the components come from: one of `otlp`, `jaeger`, `tempo` and `backend`."""

    otlp: Url | None = Field(None, description="Loopback address where the gate itself takes spans, over OTLP/HTTP.")
    jaeger: Url | None = Field(None, description="Address of Jaeger's query service.")
    tempo: Url | None = Field(None, description="Address of Grafana Tempo.")
    backend: str | None = Field(None, description="What fetches traces from `url`: a plug-in, or jaeger, or tempo.")
    url: Url | None = Field(None, description="Address of the `backend`.")
    authorization: SecretStr | None = Field(
        None, description="Authorization header that the backend asks for, as ${VAR}; never printed or written.")

    @property
    def fetched_from(self) -> tuple[str, str] | None:
        """The name of a backend and its address; None where spans come by OTLP. `jaeger: URL` stands for both."""
        named = [(name, url) for name, url in (("jaeger", self.jaeger), ("tempo", self.tempo)) if url]
        return (self.backend, self.url) if self.backend and self.url else next(iter(named), None)


class Evidence(Model):
    """What is recorded of scenarios, beyond what a failing one leaves."""

    exchanges: Literal["always", "failures"] = Field(
        "always", description="Whether exchanges.har is kept of every scenario, or of those that fail alone.")
    trace_context: bool = Field(
        True, description="Requests to the system, never to third parties, carry `traceparent`: one trace a scenario.")


class Wire(Model):
    """What it means where the exchanges between components are not as they were, or not as they are documented."""

    shapes: Policy = Field("warn", description="An endpoint's shape that is not as it was in the last GO.")
    contract: Policy = Field("warn", description="An exchange that its OpenAPI document does not allow.")
    ignore: list[str] = Field(default_factory=list, description=(
        "What may change freely, such as 'GET /api/flights response.body[].price'; * stands for anything."))
    tap: str | None = Field(None, description=(
        "The file that `gonogo tap` records the calls between components in; what it records during a run is read."))

    @model_validator(mode="before")
    @classmethod
    def _one_word(cls, value: object) -> object:
        """`wire: block` stands for `wire: {shapes: block}`."""
        return {"shapes": value} if isinstance(value, str) else value


def _or_one_word(schema: dict[str, Any]) -> None:
    schema["anyOf"] = [{"$ref": schema.pop("$ref")}, {"enum": list(get_args(Policy)), "type": "string"}]


class Environment(Model):
    """One environment on the way to production. Everything beyond `url` is optional."""

    url: Url = Field(description="Where users meet the system.")
    provision: Provision | None = None
    services: dict[str, Service] = Field(default_factory=dict)
    third_parties: dict[str, ThirdParty] = Field(default_factory=dict)
    traces: Traces | None = None
    evidence: Evidence = Evidence()
    wire: Wire = Field(Wire(), description="Rules on exchanges; one word holds for changed shapes.",
                       json_schema_extra=_or_one_word)
    mail: Url | None = Field(None, description="Mailpit's (or a like mail catcher's) HTTP address.")
    browser: Browser = Browser()
    stages: list[str] = Field(["platform", "behaviour"], min_length=1, description=(
        "What the gate runs, in this order: platform, behaviour, load, or what a plug-in brings (`gonogo plugins`)."))
    baseline: Literal["optional", "required"] = Field("optional", description=(
        "Whether a run without an earlier one to compare with is INCONCLUSIVE, or is told so alone."))
    mandatory_journeys: list[str] = Field(
        default_factory=list, description="Names of scenarios without which nothing is promoted.")
    load: Load | None = None
    pages: Pages = Pages()
    permits: Permits = Permits()
    retries: Retries = Retries()
    budgets: Budgets = Budgets()
    plugins: dict[str, dict[str, Any]] = Field(
        default_factory=dict, description="Settings of plug-ins, by their names, as each documents them.")


class Environments(Model):
    """environments.yml as a whole: the order of promotion, and each environment."""

    promotion: list[str] = Field(default_factory=list, description="Environments in the order of promotion.")
    defaults: dict[str, object] = Field(
        default_factory=dict, description="Keys of an environment that hold for each, unless it says otherwise.")
    environments: dict[str, Environment] = Field(min_length=1)


class Release(Model):
    """release.yml: what is to be promoted, written by the build."""

    schema_: Literal[1] = Field(1, alias="schema")
    built: str | None = None
    images: dict[str, Digest] = Field(min_length=1, description="Component → image digest.")
    configs: dict[str, Digest] = Field(default_factory=dict, description="Component → digest of its settings.")
