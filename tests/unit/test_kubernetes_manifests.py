"""pipelines/kubernetes/ is checked against Kubernetes' schemas, Locust's parser, and for consistency.

No cluster and no network: what only an API server knows (quotas, admission, storage classes) is not tested here.
"""

from __future__ import annotations

import copy
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from gonogo.config import Environment, load_environment

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "pipelines" / "kubernetes"
SCHEMAS = ["1.33", "1.37"]  # the oldest that the README names, and the newest available

Manifest = dict[str, Any]
KUSTOMIZATION: Manifest = yaml.safe_load((FOLDER / "kustomization.yaml").read_text(encoding="utf-8"))
MANIFESTS: list[Manifest] = [
    document for name in KUSTOMIZATION["resources"]
    for document in yaml.safe_load_all((FOLDER / name).read_text(encoding="utf-8"))]
JOBS = ["gonogo-load-master", "gonogo-load-workers", "gonogo-load-evidence"]


def manifest(kind: str, name: str, among: list[Manifest] = MANIFESTS) -> Manifest:
    (found,) = [each for each in among if (each["kind"], each["metadata"]["name"]) == (kind, name)]
    return found


def pod(job: str, among: list[Manifest] = MANIFESTS) -> Manifest:
    return manifest("Job", job, among)["spec"]["template"]


def container(job: str, among: list[Manifest] = MANIFESTS) -> Manifest:
    (only,) = pod(job, among)["spec"]["containers"]
    return only


SETTINGS: dict[str, str] = manifest("ConfigMap", "gonogo-load-settings")["data"]


def arguments(job: str) -> list[str]:
    """The command line as Kubernetes expands it: $(NAME) is replaced from the container's environment."""
    return [re.sub(r"\$\((\w+)\)", lambda match: SETTINGS[match[1]], each) for each in container(job)["args"]]


def parsed(job_arguments: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """The options as Locust's parser reads them, in a child process: importing Locust patches the standard library."""
    program = """
import json, sys
from locust.util.load_locustfile import load_locustfile
load_locustfile(sys.argv[1])  # gonogo's own option comes with the first profile
from locust.argument_parser import get_parser
print(json.dumps(vars(get_parser().parse_args(sys.argv[2:])), default=str))
"""
    environ = {key: value for key, value in os.environ.items() if not key.startswith(("LOCUST_", "GONOGO_"))}
    return subprocess.run([sys.executable, "-c", program, str(ROOT / "load" / "steady.py"), *job_arguments], cwd=folder,
                          check=False, capture_output=True, text=True, timeout=60,
                          env={**environ, "PYTHONPATH": str(ROOT), "HOME": str(folder)})


@pytest.fixture
def environment() -> Environment:
    return load_environment(SETTINGS["GONOGO_ENV"], ROOT, {})


# ---------------------------------------------------------------- Kubernetes' schemas

@pytest.mark.parametrize("version", SCHEMAS)
@pytest.mark.parametrize("document", MANIFESTS, ids=lambda each: f"{each['kind']}/{each['metadata']['name']}")
def test_manifest_meets_the_schema(document: Manifest, version: str) -> None:
    """In strict mode an unknown field is an error at any depth. The validator returns the version of the schema."""
    assert kubernetes_validate.validate(document, version, strict=True) == version


MISSPELLED = [
    (("Job", "gonogo-load-master"), ("spec",), "backoffLimit", "backOffLimit"),
    (("Job", "gonogo-load-workers"), ("spec", "template", "spec"), "restartPolicy", "restartpolicy"),
    (("Job", "gonogo-load-workers"), ("spec", "template", "spec", "containers", 0, "securityContext"),
     "readOnlyRootFilesystem", "readOnlyRootFileSystem"),
    (("Service", "gonogo-load-master"), ("spec", "ports", 0), "targetPort", "targetport"),
    (("NetworkPolicy", "gonogo-load-to-environment"), ("spec",), "policyTypes", "policytypes"),
]


@pytest.mark.parametrize(("which", "path", "right", "wrong"), MISSPELLED, ids=[each[3] for each in MISSPELLED])
def test_misspelled_field_is_found(which: tuple[str, str], path: tuple[str | int, ...], right: str, wrong: str) -> None:
    """The check above can fail, but only in strict mode. A cluster would drop such a field."""
    document = copy.deepcopy(manifest(*which))
    where: Any = document
    for step in path:
        where = where[step]
    where[wrong] = where.pop(right)
    kubernetes_validate.validate(document, SCHEMAS[-1], strict=False)
    with pytest.raises(kubernetes_validate.ValidationError, match=wrong):
        kubernetes_validate.validate(document, SCHEMAS[-1], strict=True)


def test_schemas_are_read_without_a_network(tmp_path: Path) -> None:
    """The schemas come with the package, so the check does not depend on the network."""
    program = """
import json, socket, sys
def refuse(*_): raise AssertionError("the network was asked")
socket.socket.connect = socket.getaddrinfo = refuse
import kubernetes_validate
kubernetes_validate.validate(json.load(sys.stdin), sys.argv[1], strict=True)
"""
    child = subprocess.run([sys.executable, "-c", program, SCHEMAS[-1]], cwd=tmp_path, check=False, text=True,
                           capture_output=True, input=json.dumps(manifest("Job", "gonogo-load-workers")), timeout=60)
    assert child.returncode == 0, child.stderr


# ---------------------------------------------------------------- Locust's command lines

def test_locust_accepts_the_flags_of_the_master(environment: Environment, tmp_path: Path) -> None:
    """Each flag exists, and its value matches the other manifests."""
    child = parsed(arguments("gonogo-load-master"), tmp_path)
    assert child.returncode == 0, child.stderr
    options = json.loads(child.stdout)
    assert options["master"]
    assert options["headless"]
    assert options["locustfile"] == "load/"
    assert options["env"] == "preprod"
    assert environment.load
    assert options["profile"] in environment.load.profiles
    assert options["expect_workers"] == manifest("Job", "gonogo-load-workers")["spec"]["parallelism"]
    assert options["master_bind_port"] == container("gonogo-load-master")["ports"][0]["containerPort"]
    assert options["expect_workers_max_wait"] > 0, "it would wait for ever"


def test_locust_accepts_the_flags_of_the_workers(tmp_path: Path) -> None:
    """A worker connects to the Service by its name and port; failed requests do not fail its Job."""
    child = parsed(arguments("gonogo-load-workers"), tmp_path)
    assert child.returncode == 0, child.stderr
    options = json.loads(child.stdout)
    service = manifest("Service", options["master_host"])
    assert options["worker"]
    assert options["locustfile"] == "load/"
    assert options["master_port"] == service["spec"]["ports"][0]["port"]
    assert options["exit_code_on_error"] == 0


def test_flag_unknown_to_locust_is_found(tmp_path: Path) -> None:
    """The checks above can fail."""
    child = parsed([*arguments("gonogo-load-master"), "--expected-workers", "2"], tmp_path)
    assert child.returncode == 2
    assert "--expected-workers" in child.stderr


def test_gonogo_reads_the_variables_that_are_set() -> None:
    """A gonogo variable that no code reads would be a setting without effect."""
    source = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "gonogo").rglob("*.py"))
    names = {*SETTINGS, *(each["name"] for each in container("gonogo-load-master")["env"])}
    for name in names:
        assert not name.startswith("GONOGO_") or name in source, name
        assert not name.startswith("LOCUST_"), "Locust takes it for an option"


def test_profile_fits_into_the_deadlines(environment: Environment) -> None:
    """Even if workers connect late and the profile is extended, it ends before Kubernetes' deadline."""
    assert environment.load
    profile = environment.load.profiles[SETTINGS["GONOGO_PROFILE"]]
    waits = arguments("gonogo-load-master")
    waited_s = int(waits[waits.index("--expect-workers-max-wait") + 1])
    longest_s = waited_s + profile.duration_s * (2 if profile.extend else 1) + profile.grace_s
    for job in ("gonogo-load-master", "gonogo-load-workers"):
        assert manifest("Job", job)["spec"]["activeDeadlineSeconds"] > longest_s + 120, job
        assert pod(job)["spec"]["terminationGracePeriodSeconds"] > profile.grace_s + 5, job


# ---------------------------------------------------------------- the manifests agree with each other

def test_every_file_is_applied() -> None:
    """A manifest that kustomization.yaml does not list would never reach a cluster."""
    assert sorted(KUSTOMIZATION["resources"]) == sorted(
        path.name for path in FOLDER.glob("*.yaml") if path.name != "kustomization.yaml")


def test_manifests_set_no_namespace() -> None:
    """The caller chooses the namespace."""
    assert "namespace" not in KUSTOMIZATION
    assert not any("namespace" in each["metadata"] for each in MANIFESTS)


def test_no_worker_is_replaced() -> None:
    """All workers start at once, and a lost one is not replaced. The master has one attempt."""
    workers, master = manifest("Job", "gonogo-load-workers")["spec"], manifest("Job", "gonogo-load-master")["spec"]
    assert workers["completionMode"] == "Indexed"
    assert workers["parallelism"] == workers["completions"] == int(SETTINGS["WORKERS"])
    assert workers["podReplacementPolicy"] == "Failed"
    for job in (workers, master):
        assert job["backoffLimit"] == 0
        assert job["template"]["spec"]["restartPolicy"] == "Never"


def test_all_jobs_run_the_same_image() -> None:
    """A worker with another version of the profile would run a different test from the one that the master judges."""
    (image,) = {container(job)["image"] for job in JOBS}
    (replaced,) = KUSTOMIZATION["images"]
    assert replaced["name"] == image
    assert replaced["digest"].startswith("sha256:"), "a tag can move between two pulls"


def test_service_selects_the_master() -> None:
    """Its selector matches only the master's pod, and its port is one that the container names."""
    spec = manifest("Service", "gonogo-load-master")["spec"]
    assert selected(spec["selector"]) == ["gonogo-load-master"]
    ports = {each["name"]: each["containerPort"] for each in container("gonogo-load-master")["ports"]}
    assert [(each["port"], ports[each["targetPort"]]) for each in spec["ports"]] == [(5557, 5557)]


@pytest.mark.parametrize(("policy", "expected"), [
    ("gonogo-load-nothing-else", JOBS),
    ("gonogo-load-workers-to-master", ["gonogo-load-workers"]),
    ("gonogo-load-master-from-workers", ["gonogo-load-master"]),
    ("gonogo-load-to-environment", ["gonogo-load-master", "gonogo-load-workers"]),
])
def test_policy_applies_to_the_intended_pods(policy: str, expected: list[str]) -> None:
    """A policy whose selector matches nothing has no effect, without an error."""
    selector = manifest("NetworkPolicy", policy)["spec"]["podSelector"]
    assert selected(selector["matchLabels"], selector.get("matchExpressions", [])) == sorted(expected, key=JOBS.index)


def test_all_policies_are_covered_and_restrictive() -> None:
    """There are no other policies, and each rule names its peers and its ports."""
    policies = [each for each in MANIFESTS if each["kind"] == "NetworkPolicy"]
    assert len(policies) == 4
    for rule in (rule for each in policies for rule in (*each["spec"].get("egress", []), *each["spec"].get("ingress", []))):
        assert rule.get("to") or rule.get("from")
        assert rule["ports"]


def test_workers_may_reach_the_master() -> None:
    """The policies allow both ends of this connection, at the Service's port."""
    (port,) = manifest("Service", "gonogo-load-master")["spec"]["ports"]
    (out,) = manifest("NetworkPolicy", "gonogo-load-workers-to-master")["spec"]["egress"]
    (into,) = manifest("NetworkPolicy", "gonogo-load-master-from-workers")["spec"]["ingress"]
    assert selected(out["to"][0]["podSelector"]["matchLabels"]) == ["gonogo-load-master"]
    assert selected(into["from"][0]["podSelector"]["matchLabels"]) == ["gonogo-load-workers"]
    assert out["ports"] == into["ports"] == [{"protocol": "TCP", "port": port["port"]}]


def test_workers_are_spread_over_nodes() -> None:
    """The constraint spreads over nodes and selects the workers by labels that they have."""
    (spread,) = pod("gonogo-load-workers")["spec"]["topologySpreadConstraints"]
    assert spread["topologyKey"] == "kubernetes.io/hostname"
    assert selected(spread["labelSelector"]["matchLabels"]) == ["gonogo-load-workers"]


@pytest.mark.parametrize("job", JOBS)
def test_requested_resources_equal_the_limits(job: str) -> None:
    """Requests equal limits, so that other pods do not distort the measurement. A generator has whole cores."""
    resources = container(job)["resources"]
    assert resources["requests"] == resources["limits"]
    assert set(resources["limits"]) == {"cpu", "memory"}
    assert job == "gonogo-load-evidence" or resources["limits"]["cpu"].isdigit()


@pytest.mark.parametrize("job", JOBS)
def test_pod_has_minimal_privileges(job: str) -> None:
    """The restricted Pod Security Standard, no cluster credentials, and no writable file system except the volumes."""
    spec, locked = pod(job)["spec"], container(job)["securityContext"]
    assert spec["securityContext"]["runAsNonRoot"]
    assert spec["securityContext"]["runAsUser"] > 0
    assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert locked == {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True,
                      "capabilities": {"drop": ["ALL"]}}
    assert not spec["automountServiceAccountToken"]
    assert not spec["enableServiceLinks"]


@pytest.mark.parametrize("job", ["gonogo-load-master", "gonogo-load-workers"])
def test_written_folders_have_a_volume(job: str) -> None:
    """runs/ and the temporary folder are writable, and everything that is mounted or referenced by name exists."""
    volumes = {each["name"]: each for each in pod(job)["spec"]["volumes"]}
    mounts = {each["mountPath"]: volumes[each["name"]] for each in container(job)["volumeMounts"]}
    assert set(mounts) == {"/suite/runs", "/tmp"}
    assert "emptyDir" in mounts["/tmp"]
    assert [each["configMapRef"]["name"] for each in container(job)["envFrom"] if "configMapRef" in each] == [
        "gonogo-load-settings"]


def test_evidence_outlives_the_master() -> None:
    """The master writes to the claim that the evidence Job mounts, in the folder of GONOGO_RUN_DIR."""
    for job in ("gonogo-load-master", "gonogo-load-evidence"):
        claim = next(each for each in pod(job)["spec"]["volumes"] if each["name"] == "runs")["persistentVolumeClaim"]
        assert manifest("PersistentVolumeClaim", claim["claimName"])
        assert container(job)["volumeMounts"][0]["mountPath"] == "/suite/runs"
        assert pod(job)["spec"]["securityContext"]["fsGroup"] == pod(job)["spec"]["securityContext"]["runAsGroup"]
    (folder,) = [each["value"] for each in container("gonogo-load-master")["env"] if each["name"] == "GONOGO_RUN_DIR"]
    assert folder == "/suite/runs/$(POD_NAME)"
    assert manifest("Job", "gonogo-load-evidence")["spec"]["suspend"], "it would hold the volume before the master"


def test_manifests_contain_no_secrets() -> None:
    """They come from a Secret that is not part of these files."""
    assert not any(each["kind"] == "Secret" for each in MANIFESTS)
    for job in ("gonogo-load-master", "gonogo-load-workers"):
        assert {"secretRef": {"name": "gonogo-load-secrets", "optional": True}} in container(job)["envFrom"]


def test_image_contains_what_the_commands_need() -> None:
    """The Dockerfile copies the profiles and environments.yml to the working folder and sets the user of the pods."""
    lines = (FOLDER / "Dockerfile").read_text(encoding="utf-8").splitlines()
    copied = [name for line in lines if line.startswith("COPY") for name in line.split()[1:-1]]
    assert {"load/", "environments.yml", "gonogo/", "requirements.lock"} <= set(copied)
    assert all((ROOT / name).exists() for name in copied)
    assert "WORKDIR /suite" in lines
    user = pod("gonogo-load-master")["spec"]["securityContext"]
    assert f"USER {user['runAsUser']}:{user['runAsGroup']}" in lines
    let_in = re.findall(r"^!(.+)$", (FOLDER / "Dockerfile.dockerignore").read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(let_in) == sorted(copied)


# ---------------------------------------------------------------- as kustomize renders them

@pytest.fixture(params=["2", "7"])
def rendered(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[int, list[Manifest]]:
    """All manifests, rendered for a number of workers. Only WORKERS in settings.yaml is changed."""
    if not shutil.which("kubectl"):
        pytest.skip("no kubectl here: only what kustomize makes of the files is left out")
    shutil.copytree(FOLDER, tmp_path / "kubernetes")
    settings = tmp_path / "kubernetes" / "settings.yaml"
    text = settings.read_text(encoding="utf-8")
    assert 'WORKERS: "2"' in text
    settings.write_text(text.replace('WORKERS: "2"', f'WORKERS: "{request.param}"'), encoding="utf-8")
    output = subprocess.run(["kubectl", "kustomize", str(tmp_path / "kubernetes")], check=True, capture_output=True,
                            text=True, timeout=60).stdout
    return int(request.param), list(yaml.safe_load_all(output))


def test_rendered_manifests_agree(rendered: tuple[int, list[Manifest]]) -> None:
    """One setting determines all three numbers, all Jobs use one image by its digest, and the schema is met."""
    workers, documents = rendered
    assert len(documents) == len(MANIFESTS)
    for document in documents:
        kubernetes_validate.validate(document, SCHEMAS[-1], strict=True)
    job = manifest("Job", "gonogo-load-workers", documents)["spec"]
    assert job["parallelism"] == job["completions"] == workers
    assert manifest("ConfigMap", "gonogo-load-settings", documents)["data"]["WORKERS"] == str(workers)
    assert "$(WORKERS)" in container("gonogo-load-master", documents)["args"]
    (image,) = {container(each, documents)["image"] for each in JOBS}
    assert re.fullmatch(r"[\w./-]+@sha256:[0-9a-f]{64}", image)


def selected(labels: dict[str, str], expressions: list[Manifest] | tuple[()] = ()) -> list[str]:
    """The Jobs whose pods a selector matches."""
    def matches(has: dict[str, str]) -> bool:
        assert all(each["operator"] == "In" for each in expressions)
        return labels.items() <= has.items() and all(has.get(each["key"]) in each["values"] for each in expressions)
    return [job for job in JOBS if matches(pod(job)["metadata"]["labels"])]
