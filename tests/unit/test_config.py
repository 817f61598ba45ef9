"""environments.yml: each mistake is reported with file, line, key and fix; variables, defaults and secrets."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import jsonschema
import pytest
import yaml

from gonogo.config import load_environment, load_release, locate_environment
from gonogo.config.schema import environments_schema
from gonogo.core.errors import ConfigError, GonogoError, UsageError
from gonogo.core.runtime import Runtime
from gonogo.gate.checks import check_stages
from gonogo.plugins import installed_stages

ROOT = Path(__file__).parents[2]

GOOD = """\
promotion: [test, preprod]
defaults:
  browser: {locale: en-GB}
environments:
  test: {url: "http://127.0.0.1:1"}
  preprod:
    url: http://127.0.0.1:${PORTS:-83}00
    browser: {timezone: Asia/Tokyo}
    stages: [platform, behaviour, load]
    third_parties:
      bank:
        url: http://127.0.0.1:3
        key: ${BANK_KEY:-test}
    permits: {writes: true, load_users: 20}
    load:
      run: [mix]
      profiles:
        mix:
          users: 10
          duration_s: 20
          objectives:
            /api/flights: {p95_ms: 300}
"""

MISTAKES = {
    "an unknown key": ("duration_s: 20", "duratoin_s: 20", ":20:", "Unknown key 'duratoin_s'", "did you mean 'duration_s'"),
    "an unknown key in defaults": ("locale: en-GB", "local: en-GB", ":3:", "Unknown key 'local'", "did you mean 'locale'"),
    "an unknown key in another environment": (
        'test: {url: "http://127.0.0.1:1"}', 'test: {url: "http://127.0.0.1:1", strages: [load]}', ":5:",
        "Unknown key 'strages'", "did you mean 'stages'"),
    "a wrong type": ("users: 10", "users: ten", ":19:", "'ten' of 'users'", "to a valid value"),
    "an infinite limit": ("p95_ms: 300", "p95_ms: .inf", ":22:", "'inf' of 'p95_ms'", "to a valid value"),
    "an infinite duration": ("duration_s: 20", "duration_s: .inf", ":20:", "'inf' of 'duration_s'", "to a valid value"),
    "a missing key": ("          duration_s: 20\n", "", ":18:", "'duration_s' is missing", "add `duration_s"),
    "a missing variable": ("${PORTS:-83}", "${PORTS}", ":7:", "PORTS is not set", "export PORTS="),
    "a secret in plain text": ("${BANK_KEY:-test}", "abcdef", ":13:", "plain text", "environment variable"),
    "an unknown load profile": ("run: [mix]", "run: [mx]", ":16:", "Unknown load profile 'mx'", "profiles: mix"),
    "more load than is permitted": ("load_users: 20", "load_users: 5", ":19:", "permits 5", "lower users"),
    "a load stage without a profile": ("run: [mix]", "run: []", ":9:", "`load: run:` has no profile", "load: run:"),
    "mandatory journeys that no stage runs": (
        "stages: [platform, behaviour, load]", "stages: [platform, load]\n    mandatory_journeys: [Ana pays]", ":9:",
        "`mandatory_journeys` needs the behaviour stage", "add `behaviour`"),
    "a duplicate key": ("users: 10", "users: 10\n          users: 11", ":20", "Duplicate key", "line 19"),
    "broken YAML": ("stages: [platform", "stages: [[platform", ":10", "is not valid YAML", "correct the indentation"),
    "an unknown stage": ("behaviour, load]", "behavior, load]", ":9:", "Unknown stage 'behavior'", "did you mean 'behaviour'?"),
    "two sources of spans": (
        "    permits:", "    traces: {otlp: \"http://127.0.0.1:4318\", tempo: \"http://tempo:3200\"}\n    permits:", ":14:",
        "exactly one source of spans", "one of `otlp`, `jaeger`, `tempo` and `backend`"),
    "a duplicate stage": ("behaviour, load]", "behaviour, behaviour]", ":9:", "Duplicate stage", "once"),
    "a trace backend that is not installed": (
        "    permits:", "    traces: {backend: zipkin, url: \"http://zipkin\"}\n    permits:", ":14:", "Unknown trace backend 'zipkin'",
        "installed: jaeger, tempo."),
    "a trace backend without an address": (
        "    permits:", "    traces: {backend: tempo}\n    permits:", ":14:", "`backend` and `url`", "add the missing key"),
    "an OTLP address that is not loopback": (
        "    permits:", "    traces: {otlp: \"http://0.0.0.0:4318\"}\n    permits:", ":14:", "http://0.0.0.0:4318", "loopback"),
    "an OTLP address without a port": (
        "    permits:", "    traces: {otlp: \"http://localhost\"}\n    permits:", ":14:", "http://localhost", "with a port"),
    "a password for Tempo in plain text": (
        "    permits:", "    traces: {tempo: \"http://tempo:3200\", authorization: Basic abc}\n    permits:", ":14:",
        "plain text", "environment variable"),
    "an unknown callee": (
        "    permits:", "    services: {web: {url: \"http://127.0.0.1:4\", calls: [bank, gsd]}}\n    permits:", ":14:",
        "callee 'gsd' of 'web'", "names: web, bank"),
    "an invalid address": ("url: http://127.0.0.1:3", "url: bank", ":12:", "'bank' of 'url'", "to a valid value"),
    "a port beyond the last": ("url: http://127.0.0.1:3", "url: http://127.0.0.1:99999", ":12:", "a port, if any, up to 65535", "to a valid value"),
    "an address without a host": ("url: http://127.0.0.1:3", "url: http://:80", ":12:", "it must have a host", "to a valid value"),
}


@pytest.mark.parametrize(("old", "new", "line", "what", "fix"), MISTAKES.values(), ids=MISTAKES.keys())
def test_mistake_is_reported_with_its_place_and_fix(tmp_path: Path, old: str, new: str, line: str, what: str, fix: str) -> None:
    """The error names the file, the line, the key and the fix."""
    assert old in GOOD
    (tmp_path / "environments.yml").write_text(GOOD.replace(old, new, 1))
    (tmp_path / "features").mkdir()
    (tmp_path / "features" / "a.feature").touch()
    with pytest.raises(ConfigError) as caught:
        located = locate_environment("preprod", tmp_path, {})
        check_stages(located, located.environment.stages, installed_stages(), Runtime(tmp_path, {}, sys.stdout, sys.stderr))
    told = str(caught.value)
    assert f"environments.yml{line}" in told, told
    assert what in told, told
    assert fix in told, told


def test_valid_file(tmp_path: Path) -> None:
    """Defaults are merged key by key, variables are substituted, and secrets are not in the printed environment."""
    (tmp_path / "environments.yml").write_text(GOOD)
    environment = load_environment("preprod", tmp_path, {"PORTS": "97", "BANK_KEY": "s3cret-value"})
    assert environment.url == "http://127.0.0.1:9700"
    assert (environment.browser.locale, environment.browser.timezone) == ("en-GB", "Asia/Tokyo")
    key = environment.third_parties["bank"].key
    assert key is not None
    assert key.get_secret_value() == "s3cret-value"
    assert "s3cret" not in repr(environment)
    assert "s3cret" not in environment.model_dump_json()


def test_variables_of_other_environments_are_not_required(tmp_path: Path) -> None:
    """A laptop that tests PreProd needs no secrets of production."""
    (tmp_path / "environments.yml").write_text(GOOD + "  prod: {url: \"${PROD_URL}\"}\n")
    assert load_environment("preprod", tmp_path, {}).url
    with pytest.raises(ConfigError, match="PROD_URL is not set"):
        load_environment("prod", tmp_path, {})


def test_unknown_environment_suggests_the_closest_one(tmp_path: Path) -> None:
    """The error for a misspelt environment suggests the one that was probably meant."""
    (tmp_path / "environments.yml").write_text(GOOD)
    with pytest.raises(UsageError, match=r"did you mean 'preprod'"):
        load_environment("preprd", tmp_path, {})


@pytest.mark.parametrize("text", ["", "[]", "environments: {}", "environments: 3", "just words", "\x00"])
def test_file_without_environments(tmp_path: Path, text: str) -> None:
    """A file without environments is an error with a fix, whatever it contains."""
    (tmp_path / "environments.yml").write_text(text)
    with pytest.raises(GonogoError) as caught:
        load_environment("preprod", tmp_path, {})
    assert caught.value.fix


def test_missing_file(tmp_path: Path) -> None:
    """A missing file is a configuration error."""
    with pytest.raises(ConfigError, match=r"environments\.yml does not exist"):
        load_environment("preprod", tmp_path, {})


def test_release_with_an_invalid_digest(tmp_path: Path) -> None:
    """An invalid digest is reported with its line."""
    path = tmp_path / "release.yml"
    path.write_text("schema: 1\nimages:\n  web: latest\n")
    with pytest.raises(ConfigError, match=r"'latest' of 'web'") as caught:
        load_release(path)
    assert caught.value.where.startswith("release.yml:3")


def test_schema_for_editors_is_current() -> None:
    """The committed JSON Schema equals that of the model (`gonogo schema > gonogo/config/environments.schema.json`)."""
    committed = json.loads((ROOT / "gonogo/config/environments.schema.json").read_text())
    assert committed == environments_schema()


def test_schema_accepts_the_reference_file_and_rejects_a_misspelt_key() -> None:
    """An editor that uses the schema accepts what the gate accepts, and marks a misspelt key."""
    validator = jsonschema.Draft202012Validator(environments_schema())
    document = yaml.safe_load((ROOT / "environments.yml").read_text())
    assert not list(validator.iter_errors(document))
    document["environments"]["preprod"]["strages"] = ["load"]
    assert list(validator.iter_errors(document))
