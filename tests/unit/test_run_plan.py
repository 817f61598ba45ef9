"""The plan that child processes receive is complete and unchanged, or refused with an error that quotes no secret."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from gonogo.config import Release, RunPlan, environment_names
from gonogo.core.errors import EvidenceError

ROOT = Path(__file__).parents[2]
RELEASE = Release.model_validate({"schema": 1, "images": {"web": "sha256:" + "a" * 64}})
_FILE = """\
environments:
  preprod:
    url: http://shop
    third_parties: {bank: {url: http://bank, key: "${BANK_KEY}"}}
    wire: block
    load:
      run: [mix]
      profiles:
        mix: {arrivals: {per_s: 2, curve: [[0, 1], [10, 2]]}, duration_s: 20, objectives: {"*": {p95_ms: 300, p999_ms: 900}}}
    plugins: {page-weight: {max_kib: 3, paths: [/]}}
"""


def plan(root: Path) -> RunPlan:
    (root / "environments.yml").write_text(_FILE)
    made = RunPlan.make("preprod", root, {"BANK_KEY": "s3cret-ü-key"})
    return RunPlan("preprod", made.environment, RELEASE, (("mix", "latency", "/api/flights"),))


@pytest.mark.parametrize("cut", [1, 40, -2])
def test_incomplete_plan_is_refused(tmp_path: Path, cut: int) -> None:
    line = plan(tmp_path).sealed().decode()
    with pytest.raises(EvidenceError, match="received incomplete") as caught:
        RunPlan.unsealed(line[:cut])
    assert caught.value.exit_code == 3


def test_altered_plan_is_refused_without_quoting_it(tmp_path: Path) -> None:
    line = plan(tmp_path).sealed().decode()
    for old, new in (("http://shop", "http://elsewhere"), ("preprod", "prod")):
        with pytest.raises(EvidenceError) as caught:
            RunPlan.unsealed(line.replace(old, new))
        assert "s3cret" not in str(caught.value)
        assert caught.value.__cause__ is None


@pytest.mark.parametrize("line", ["", "begin\n", "[]", "{}", json.dumps({"sha256": "", "plan": None})])
def test_line_that_is_not_a_plan_is_refused(line: str) -> None:
    with pytest.raises(EvidenceError, match="received incomplete"):
        RunPlan.unsealed(line)


def test_plan_is_received_unchanged_with_its_secrets(tmp_path: Path) -> None:
    made = plan(tmp_path)
    received = RunPlan.unsealed(made.sealed().decode())
    assert received == made
    key = received.environment.third_parties["bank"].key
    assert key is not None
    assert key.get_secret_value() == "s3cret-ü-key"
    assert "s3cret" not in repr(received)


@pytest.mark.parametrize("name", environment_names(ROOT))
def test_plan_of_every_environment_is_received_unchanged(name: str) -> None:
    made = RunPlan.make(name, ROOT, os.environ)
    assert RunPlan.unsealed(made.sealed().decode()) == made
