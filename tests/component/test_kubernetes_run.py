"""pipelines/kubernetes/run with a stand-in for kubectl: its result must never be better than that of the run."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

RUN = Path(__file__).parents[2] / "pipelines" / "kubernetes" / "run"

KUBECTL = """#!/usr/bin/env bash
echo "$*" >> "$CALLS"
case "$*" in
    *"delete job gonogo-load-master"*) exit "${DELETE:-0}" ;;
    *"apply -k"*) exit "${APPLY:-0}" ;;
    *"wait job/gonogo-load-master --for=condition=${CONDITION:-Complete} "*) exit 0 ;;
    *"wait job/"*) exit 1 ;;
    *activeDeadlineSeconds*) echo "${DEADLINE:-900}" ;;
    *"get pods -l batch.kubernetes.io/job-name=gonogo-load-master"*) printf %s "${POD-gonogo-load-master-abcde}" ;;
    *exitCode*) printf %s "${CODE-0}" ;;
    *"logs gonogo-load-master-abcde"*) echo "load mix: as the master said" ;;
    *status.ready*) printf 1 ;;
    *"exec job/gonogo-load-evidence -- tar -C /suite/runs -cf - gonogo-load-master-abcde"*)
        [ -z "${NO_EVIDENCE:-}" ] || { echo "error: no such pod" >&2; exit 1; }
        tar -C "$VOLUME" -cf - gonogo-load-master-abcde ;;
esac
"""


@dataclass
class Ended:
    code: int
    stdout: str
    stderr: str
    calls: str
    evidence: bool


def run(tmp_path: Path, *arguments: str, **environ: str) -> Ended:
    tools, here, volume = tmp_path / "tools", tmp_path / "here", tmp_path / "volume"
    for folder in (tools, here, volume / "gonogo-load-master-abcde" / "load" / "mix"):
        folder.mkdir(parents=True)
    (volume / "gonogo-load-master-abcde" / "load" / "mix" / "end.json").write_text("{}")
    kubectl = tools / "kubectl"
    kubectl.write_text(KUBECTL)
    kubectl.chmod(0o755)
    calls = tmp_path / "calls"
    child = subprocess.run([str(RUN), *arguments], cwd=here, check=False, capture_output=True, text=True, timeout=30, env={
        "PATH": f"{tools}{os.pathsep}{os.environ['PATH']}", "CALLS": str(calls), "VOLUME": str(volume), **environ})
    return Ended(child.returncode, child.stdout, child.stderr, calls.read_text(),
                 (here / "runs" / "gonogo-load-master-abcde" / "load" / "mix" / "end.json").exists())


@pytest.mark.parametrize(("code", "condition"), [("0", "Complete"), ("1", "Failed"), ("3", "Failed")])
def test_exit_code_and_evidence_come_from_the_master(tmp_path: Path, code: str, condition: str) -> None:
    """Covers GO, NO-GO and INCONCLUSIVE; the last line is the master's."""
    ended = run(tmp_path, CODE=code, CONDITION=condition)
    assert (ended.code, ended.evidence) == (int(code), True), ended.stderr
    assert ended.stdout == "load mix: as the master said\n"


def test_usage_error_stays_a_usage_error(tmp_path: Path) -> None:
    """Nothing was sent, so no evidence is requested."""
    ended = run(tmp_path, CODE="2", CONDITION="Failed")
    assert ended.code == 2
    assert "exec" not in ended.calls


@pytest.mark.parametrize("environ", [
    {"CODE": "137", "CONDITION": "Failed"},  # out of memory
    {"CODE": "", "CONDITION": "Failed"},  # the container was never started
    {"POD": "", "CONDITION": "Failed"},  # removed at the deadline
    {"POD": "", "CONDITION": "Neither", "DEADLINE": "-120"},  # the cluster never reports its end
    {"DELETE": "1"},  # kubectl's own exit code must not be taken for NO-GO
    {"APPLY": "1"},
    {"NO_EVIDENCE": "1"},  # a GO without evidence
], ids=str)
def test_any_other_outcome_is_inconclusive(tmp_path: Path, environ: dict[str, str]) -> None:
    """The last line gives the reason."""
    ended = run(tmp_path, **environ)
    assert ended.code == 3
    assert ended.stdout.splitlines()[-1].startswith("load: INCONCLUSIVE  ")


def test_no_go_without_evidence_is_no_go(tmp_path: Path) -> None:
    """Evidence that cannot be copied does not improve the verdict."""
    ended = run(tmp_path, CODE="1", CONDITION="Failed", NO_EVIDENCE="1")
    assert ended.code == 1
    assert "The evidence cannot be copied." in ended.stderr


def test_previous_run_is_removed_first(tmp_path: Path) -> None:
    """Otherwise its finished Job would answer for this run; kubectl's options are passed to every call."""
    calls = run(tmp_path, "--namespace=load").calls.splitlines()
    assert "delete job gonogo-load-master gonogo-load-workers gonogo-load-evidence" in calls[0]
    assert "apply -k" in calls[1]
    assert all(call.startswith("--namespace=load ") for call in calls)
