"""The typed models of environments.yml and release.yml: their keys, types and meaning.

`gonogo.config.reading` reads the files, substitutes `${VAR}` and words the errors.
The JSON Schema for editors is generated from these classes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, get_args

from pydantic import Field, SecretStr, model_validator

from gonogo.config.base import Command, Digest, Endpoint, Host, LogGlob, Model, Policy, Seconds, Url
from gonogo.config.load_model import Load


class Service(Model):
    """A component of the system with a URL of its own."""

    url: Url = Field(description="Base URL of the component.")
    health: str = Field("/health", description=(
        "Path that answers 200 if the component and its dependencies are healthy."))
    version: str | None = Field("/version", description=(
        "Path of the document with the running image's digest; null if there is none."))
    image_field: str = Field("image", description="Member of the version document with the image digest.")
    config_field: str | None = Field("config", description="Member with the digest of the settings.")
    openapi: str | None = Field(None, description="Path or URL of the component's OpenAPI or Swagger 2.0 document.")
    metrics: str | None = Field(None, description="Path of its Prometheus metrics, which include its resident memory.")
    probe: str = Field("http", description="Probe of its health and version: http, or a plug-in's name.")
    calls: list[str] = Field(
        default_factory=list, description=(
            "Services and third parties that it calls; a scenario must exercise each of these edges."))
    pages: bool = Field(False, description="Whether it serves pages to the users' browsers.")


class ThirdParty(Model):
    """The test gateway of a third party (a bank, a reservation system): like production, without real money."""

    url: Url = Field(description="Base URL of the test gateway.")
    health: str = Field("/health", description="Path that answers with a status below 500 if the gateway is reachable.")
    key: SecretStr | None = Field(None, description="The test account's key, as ${VAR}; never printed or written.")
    openapi: str | None = Field(None, description="Path or URL of the party's OpenAPI or Swagger 2.0 document.")


class Viewport(Model):
    width: int = Field(1280, ge=200, le=7680)
    height: int = Field(800, ge=200, le=4320)


class Browser(Model):
    """The browser that scenarios use."""

    engine: Literal["chromium", "firefox", "webkit"] = "chromium"
    executable: str | None = Field(None, description="Path of a browser (default: an installed or downloaded one).")
    remote: str | None = Field(None, description="ws:// or http:// URL of a remote browser (CDP for Chromium).")
    headless: bool = True
    locale: str = Field("en-GB", description="BCP 47 tag; a scenario can set another.")
    timezone: str = Field("Europe/London", description="IANA time zone; a scenario can set another.")
    viewport: Viewport = Viewport()
    timeout_s: Seconds = Field(10, description="Timeout of an expectation or an action.")


class Provision(Model):
    """How the gate starts an environment that does not answer, and stops it again."""

    up: Command = Field(description="Command that starts the environment and returns when it is up.")
    down: Command | None = Field(None, description="Command that stops the environment (default: leave it running).")
    timeout_s: Seconds = Field(60, description="Timeout of `up`.")


class Proxy(Model):
    """A forward proxy for requests of the gate, of steps and of browsers. Proxies of the caller's shell are ignored."""

    url: Url = Field(description="URL of the proxy.")
    bypass: list[str] = Field(default_factory=list, description=(
        "Hosts and domains that are reached directly; loopback always is."))


class Permits(Model):
    """What may be done to the environment. Everything else is refused."""

    writes: bool = Field(False, description="Whether scenarios that change data may run.")
    load_users: int = Field(0, ge=0, description=(
        "Maximum number of users or visits at once under load; 0 refuses load."))
    faults: bool = Field(False, description="Whether faults may be injected.")
    read_only: list[Endpoint] = Field(default_factory=list, description=(
        "Requests that only read although their method can write, such as 'POST /graphql'; * matches anything."))


class Retries(Model):
    """How often a failing scenario is retried, and what passing after a retry means."""

    scenarios: int = Field(0, ge=0, le=5, description="Maximum number of retries of a failed scenario.")
    flaky: Policy = Field("warn", description="What a scenario that passed only after a retry means.")


class Pages(Model):
    """The pages stage: opens the page at `url` and the pages of the same site that it links to."""

    max_pages: int = Field(20, ge=1, le=500, description="Maximum number of pages to open.")
    max_requests: int = Field(10_000, ge=1, description="Maximum number of requests of all pages together.")
    load_s: Seconds = Field(15, description="Timeout of loading a page.")
    accessibility: Policy = Field("block", description=(
        "What a serious or critical violation of WCAG 2.1 A or AA means; others are warnings, unless this is ignore."))


class Probing(Model):
    """The probe stage: sends requests that no scenario sends, made from the OpenAPI documents of the front API."""

    seconds: Seconds = Field(30, le=3600, description=(
        "How long new requests are sent; those of the baseline, which come first, may take twice as long."))
    max_requests: int = Field(1000, ge=1, le=5000, description="Maximum number of requests that a baseline keeps.")
    only: list[Endpoint] = Field(default_factory=list, description=(
        "Operations to probe, such as 'POST /api/bookings/[id]'; * matches anything (default: all)."))
    except_: list[Endpoint] = Field(default_factory=list, alias="except", description=(
        "Operations not to probe, such as 'DELETE /*'."))
    sign_in: str | None = Field(None, pattern=r"^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*:[A-Za-z_]\w*$", description=(
        "Function of the suite that opens an account and signs in, as module:function, such as "
        "steps.probe:sign_in."))
    policy: Literal["warn", "block"] = Field("block", description=(
        "What an answer of another class than in the baseline means; a new server error always blocks."))


class Budgets(Model):
    """Time limits of the run itself. A run that exceeds one is stopped, and the verdict is INCONCLUSIVE."""

    scenario_s: Seconds = Field(60, description="Time limit of one scenario.")
    behaviour_s: Seconds = Field(900, description="Time limit of all scenarios.")
    platform_s: Seconds = Field(120, description="Time limit of the platform features.")
    pages_s: Seconds = Field(300, description="Time limit of opening pages.")
    plugin_s: Seconds = Field(300, description="Time limit of one call of a plug-in.")


class Traces(Model):
    """The source of the components' spans: one of `otlp`, `jaeger`, `tempo` and `backend`."""

    otlp: Url | None = Field(None, description=(
        "Loopback URL on which the gate receives spans and logs over OTLP/HTTP."))
    jaeger: Url | None = Field(None, description="URL of Jaeger's query service.")
    tempo: Url | None = Field(None, description="URL of Grafana Tempo.")
    backend: str | None = Field(None, description=(
        "Trace backend that fetches traces from `url`: jaeger, tempo, or a plug-in's name."))
    url: Url | None = Field(None, description="URL of the `backend`.")
    authorization: SecretStr | None = Field(
        None, description="Authorization header for the backend, as ${VAR}; never printed or written.")

    @property
    def fetched_from(self) -> tuple[str, str] | None:
        """Return the name and URL of the backend, or None for OTLP. `jaeger: URL` sets both."""
        named = [(name, url) for name, url in (("jaeger", self.jaeger), ("tempo", self.tempo)) if url]
        return (self.backend, self.url) if self.backend and self.url else next(iter(named), None)


class Evidence(Model):
    """What is recorded of each scenario, in addition to the evidence of a failure."""

    exchanges: Literal["always", "failures"] = Field(
        "always", description="Keep exchanges.har of every scenario, or only of failing ones.")
    outside: bool = Field(True, description=(
        "Record what each page shows at the end of a step, and compare it, answers and mails with the baseline."))
    trace_context: bool = Field(
        True, description=(
            "Send `traceparent` with requests to the system, never to third parties: one trace per scenario."))


class Rules(Model):
    """What further rules mean for the verdict; docs/rules.md describes them."""

    data_of_another: Policy = Field("warn", description=(
        "What it means if something that one person put in reaches another, and did not in the baseline."))
    foreign_host: Policy = Field("warn", description=(
        "What links, redirects, assets and addresses in mails mean that lead to hosts that are not the environment's."))
    protection_lost: Policy = Field("warn", description=(
        "What headers and attributes of cookies mean that protected people in the baseline, and are gone or weaker."))
    page_broken: Policy = Field("warn", description=(
        "What uncaught errors of pages mean, and parts and calls of pages that fail, in scenarios that pass too."))
    broken_text: Policy = Field("warn", description=(
        "What text means that nobody should read, such as undefined, {{name}} or a wrong encoding."))
    access_lost: Policy = Field("warn", description=(
        "What a label, heading or alternative text means that screen readers had in the baseline, and is gone."))
    grown: Policy = Field("warn", description=(
        "What calls, bytes and times of scenarios mean that are beyond those of the baseline's runs."))
    secrets_exposed: Policy = Field("warn", description=(
        "What a card, password, token or configured secret means that is found where it does not belong, and was not "
        "there in the baseline."))


class Wire(Model):
    """Rules for exchanges between components that changed, or that break their documentation."""

    shapes: Policy = Field("warn", description="What an endpoint's shape that differs from the baseline means.")
    contract: Policy = Field("warn", description=(
        "What an exchange that violates its OpenAPI document means; with block, one that could not be checked is "
        "INCONCLUSIVE."))
    ignore: list[str] = Field(default_factory=list, description=(
        "Fields that may change, such as 'GET /api/flights response.body[].price'; * matches anything."))
    tap: str | None = Field(None, description=(
        "The file that `gonogo tap` writes; the gate reads the calls that it records during a run."))

    @model_validator(mode="before")
    @classmethod
    def _one_word(cls, value: object) -> object:
        """Accept `wire: block` for `wire: {shapes: block}`."""
        return {"shapes": value} if isinstance(value, str) else value


class Outside(Model):
    """Rules for what people and partners see in a scenario and did not see in the baseline."""

    data: Policy = Field("warn", description=(
        "What data mean that are altered, lost, reordered or shown to another person."))
    wording: Policy = Field("warn", description="What other wording, new elements and another order of a set mean.")


def _or_one_word(schema: dict[str, Any]) -> None:
    schema["anyOf"] = [{"$ref": schema.pop("$ref")}, {"enum": list(get_args(Policy)), "type": "string"}]


class Environment(Model):
    """One environment on the way to production. Only `url` is required."""

    url: Url = Field(description="URL at which users open the system.")
    provision: Provision | None = None
    services: dict[str, Service] = Field(default_factory=dict)
    third_parties: dict[str, ThirdParty] = Field(default_factory=dict)
    traces: Traces | None = None
    evidence: Evidence = Evidence()
    wire: Wire = Field(Wire(), description="Rules for exchanges; a single word sets `shapes`.",
                       json_schema_extra=_or_one_word)
    outside: Outside = Outside()
    rules: Rules = Rules()
    logs: list[LogGlob] = Field(default_factory=list, description=(
        "Log files of components, such as var/*.log: those within the project, or an absolute path. What is written to "
        "them during the run is read."))
    mail: Url | None = Field(None, description="HTTP URL of Mailpit or a compatible mail catcher.")
    proxy: Proxy | None = None
    hosts: list[Host] = Field(default_factory=list, description=(
        "Further hosts that pages, steps and load may reach, such as fonts.example.com, *.example.org or "
        "login.example.com:8443."))
    browser: Browser = Browser()
    stages: list[str] = Field(["platform", "behaviour"], min_length=1, description=(
        "The stages that the gate runs, in this order: platform, behaviour, load, pages, probe, or a plug-in's name."))
    baseline: Literal["optional", "required"] = Field("optional", description=(
        "A run without a baseline: a note in the verdict (optional), or INCONCLUSIVE (required)."))
    silent_scenarios: Literal["ignore", "block"] = Field("block", description=(
        "What it means if a scenario passes and asked nothing of the system: ignore, or block (the run is "
        "INCONCLUSIVE). The tag @offline exempts a scenario."))
    fewer_scenarios: Literal["warn", "block"] = Field("warn", description=(
        "What it means if a full run has fewer scenarios than the baseline."))
    mandatory_journeys: list[str] = Field(
        default_factory=list, description="Names of scenarios that must pass in every full run.")
    load: Load | None = None
    pages: Pages = Pages()
    probe: Probing = Probing()
    permits: Permits = Permits()
    retries: Retries = Retries()
    budgets: Budgets = Budgets()
    plugins: dict[str, dict[str, Any]] = Field(
        default_factory=dict, description="Settings of plug-ins by name, as each plug-in documents them.")

    @property
    def proxy_settings(self) -> tuple[str | None, Sequence[str]]:
        """Return the proxy's URL, or None, and the hosts that are reached without it."""
        return (self.proxy.url, self.proxy.bypass) if self.proxy else (None, ())


class Environments(Model):
    """environments.yml as a whole: the order of promotion and the environments."""

    promotion: list[str] = Field(default_factory=list, description="Environments in the order of promotion.")
    defaults: dict[str, object] = Field(
        default_factory=dict, description="Default values of the keys of each environment.")
    environments: dict[str, Environment] = Field(min_length=1)


class Release(Model):
    """release.yml: the release to promote, written by the build."""

    schema_: Literal[1] = Field(1, alias="schema")
    built: str | None = None
    images: dict[str, Digest] = Field(min_length=1, description="Component → image digest.")
    configs: dict[str, Digest] = Field(default_factory=dict, description="Component → digest of its settings.")
