"""Suites that hide a failure, prove nothing, or change what is run."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from bench.hostile.server import Answer, page, silent
from bench.hostile.trial import FEATURE, HOOKS, STEPS, Running, Try, scenario

Settings = Mapping[str, object]
NONE: Settings = MappingProxyType({})
_RUNS = "__import__('pathlib').Path('runs')"
_RECORDS = f"{_RUNS}.rglob('messages.ndjson')"
_FAILS = scenario("Given it works", "Then it holds that 1 == 2")
_FAILING = "  Scenario: two\n    Then it holds that 1 == 2\n"
_WAITS = scenario("Given it works", "When it runs open('underway', 'w').close()",
                  "When it runs [time.sleep(0.05) for _ in range(200) if not os.path.exists('changed')]")
_DAEMON = ("import subprocess; subprocess.Popen([\"sleep\", \"600\"], start_new_session=True, env={})")
_ADDS_A_STEP = """
import copy

def before_scenario(context, scenario):
    hooks.before_scenario(context, scenario)
    step = copy.copy(scenario.steps[0])
    step.name, step.step_type = "it runs assert False", "when"
    scenario.steps.append(step)
"""
_THREAD = """def check():
        assert False
    thread = threading.Thread(target=check)
    thread.start()
    thread.join()"""
_NOTHING = {"features/a.feature": None}


def steps(*lines: str, expected: str = "INCONCLUSIVE", rule: str = "", settings: Settings = NONE) -> Try:
    """A scenario that asks the system, and then has these steps."""
    return Try(expected, rule, {"features/a.feature": scenario("Given it works", *lines)}, settings)


def function(body: str, expected: str = "INCONCLUSIVE", rule: str = "", *, prefix: str = "",
             settings: Settings = NONE, answers: Mapping[str, Answer] = MappingProxyType({})) -> Try:
    """A scenario whose Then has this function body."""
    code = ("import threading\nfrom behave import then\nfrom behave.api.pending_step import StepNotImplementedError\n\n"
            f"@then('it is right')\n{prefix}def right(context):\n    {body}\n")
    files = {"features/a.feature": scenario("Given it works", "Then it is right"), "steps/then_steps.py": code}
    return Try(expected, rule, files, settings, answers)


def proves_nothing(body: str) -> Try:
    return function(body, rule="asserts-nothing")


def hooks(code: str, expected: str = "INCONCLUSIVE", rule: str = "", feature: str = FEATURE) -> Try:
    """An environment.py that wraps gonogo's hooks."""
    return Try(expected, rule, {"features/a.feature": feature,
                                "environment.py": f"{HOOKS}from gonogo.suite import hooks\n{code}"})


def hook(name: str, *arguments: str, body: str = "raise ValueError('no')", expected: str = "INCONCLUSIVE",
         rule: str = "", feature: str = FEATURE, wraps: bool = False) -> Try:
    """One hook of environment.py with this body, after gonogo's own with `wraps`."""
    given = ", ".join(("context", *arguments))
    first = f"    hooks.{name}({given})\n" if wraps else ""
    return hooks(f"import os, sys\ndef {name}({given}):\n{first}    {body}\n", expected, rule, feature)


def edited(path: str, text: str) -> Try:
    """A file that is changed while a scenario runs."""
    def change(running: Running) -> None:
        running.await_file("underway")
        (running.root / path).write_text(text)
        (running.root / "changed").touch()

    return Try("INCONCLUSIVE", "inputs-changed", {"features/a.feature": _WAITS}, during=change)


def selection(expected: str = "INCONCLUSIVE", *, settings: str = "", feature: str = FEATURE + _FAILING,
              **files: str) -> Try:
    """A feature of two scenarios, of which the second fails, and settings of behave."""
    return Try(expected, "", {"features/a.feature": feature, **files,
                              **({"behave.ini": f"[behave]\n{settings}\n"} if settings else {})})


def _write_other_encoding(root: Path) -> None:
    (root / "features" / "a.feature").write_bytes(b"\xff\xfeFeature: F\n")


BROWSES = function("page = context.world.person('Ada').page\n    page.goto('/page')\n"
                   "    assert page.get_by_role('heading', name='Shop').is_visible()", "GO",
                   answers={"/page": page("<p>Welcome</p>")})

TRIES = {
    # nothing in the step can fail
    "then: pass": proves_nothing("pass"),
    "then: only a docstring": proves_nothing('"""It is right."""'),
    "then: an ellipsis": proves_nothing("..."),
    "then: a generator": proves_nothing("yield\n    assert False"),
    "then: an assertion of a tuple": proves_nothing("assert (False, 'it is wrong')"),
    "then: an assertion of a constant": proves_nothing("assert True"),
    "then: an assertion of a text": proves_nothing("assert 'not right'"),
    "then: a comparison that is returned": proves_nothing("return 1 == 2"),
    "then: a coroutine": function("assert False", "NO-GO", prefix="async "),
    "then: an assertion in a thread": function(_THREAD, "NO-GO"),
    "then: is pending": function("raise StepNotImplementedError('later')", rule="step-undefined"),
    "then: raises KeyboardInterrupt": function("raise KeyboardInterrupt", "NO-GO"),
    # how a scenario ends
    "scenario: asks the system for nothing": Try("INCONCLUSIVE", "asserts-nothing", {
        "features/a.feature": scenario("When it runs time.sleep(0)", "Then it holds that 1 == 1")}),
    "scenario: fails": Try("NO-GO", "scenario-failed", {"features/a.feature": _FAILS}),
    "scenario: raises": steps("When it runs 1 / 0", expected="NO-GO"),
    "scenario: calls sys.exit(0)": steps("When it runs sys.exit(0)", rule="scenario-unfinished"),
    "scenario: calls os._exit(0)": steps("When it runs os._exit(0)", rule="scenario-unfinished"),
    "scenario: kills its process": steps("When it runs os.kill(os.getpid(), 9)", rule="scenario-unfinished"),
    "scenario: kills its runner": steps("When it runs os.kill(os.getppid(), 9)"),
    "scenario: kills its process group": steps("When it runs os.killpg(0, 9)"),
    "scenario: ends its process by SIGTERM": steps("When it runs os.kill(os.getpid(), 15)"),
    "scenario: crashes the interpreter": steps(
        "When it runs __import__('ctypes').string_at(0)", rule="scenario-unfinished"),
    "scenario: recurses without end": steps("When it runs f = lambda: f(); f()", expected="NO-GO"),
    "scenario: never ends": steps("When it runs time.sleep(600)", settings={"budgets": {"scenario_s": 3}}),
    "scenario: never ends, and ignores SIGTERM": steps(
        "When it runs __import__('signal').signal(15, __import__('signal').SIG_IGN); time.sleep(600)",
        settings={"budgets": {"behaviour_s": 6}}),
    "scenario: skips itself": steps("When it runs context.scenario.skip('not today')", rule="scenario-skipped"),
    "scenario: skips its feature": steps("When it runs context.feature.skip('not today')"),
    "scenario: aborts the run": steps("When it runs context.abort('enough')"),
    "scenario: has no steps": Try("INCONCLUSIVE", "", {"features/a.feature": scenario()}),
    "scenario: a step is undefined": Try("USAGE", "", {
        "features/a.feature": scenario("Given it works", "When it flies")}),
    "scenario: cannot clean up": steps("When it runs context.add_cleanup(lambda: 1 / 0)", rule="suite-error"),
    "scenario: sets its own status": steps("When it runs context.scenario.set_status('passed')",
                                           "Then it holds that 1 == 2", expected="NO-GO"),
    "scenario: closes the output": steps("When it runs sys.stdout.close(); os.close(1); os.close(2)",
                                         "Then it holds that 1 == 2", rule="scenario-unfinished"),
    "scenario: leaves a process": steps(
        "When it runs subprocess.Popen(['sleep', '600'], start_new_session=True)", expected="GO"),
    "scenario: leaves a daemon": steps(
        f"When it runs subprocess.run([sys.executable, '-c', '{_DAEMON}'], check=True)", expected="GO"),
    "scenario: prints 100 MB": steps("When it runs print('x' * 100_000_000)", expected="GO"),
    "scenario: attaches 200 MB": steps(
        "When it runs context.attach('text/plain', b'x' * 200_000_000)", expected="GO"),
    "scenario: attaches a text": steps("When it runs context.attach('text/plain', 'a text')", expected="GO"),
    "scenario: raises a text of 50 MB": steps("When it runs assert False, 'x' * 50_000_000", expected="NO-GO"),
    "scenario: fails with control characters": steps(
        r"When it runs assert False, '\x1b[2J\x1b]0;GO\x07\r\nGO\n :x: [bold]'", expected="NO-GO"),
    "scenario: fails with a lone surrogate": steps(r"When it runs assert False, '\udc80'", expected="NO-GO"),
    # what is recorded
    "record: a step removes messages.ndjson": steps(f"When it runs [path.unlink() for path in {_RECORDS}]"),
    "record: a step empties messages.ndjson": steps(f"When it runs [path.write_text('') for path in {_RECORDS}]"),
    "record: a step turns failures into passes": Try("INCONCLUSIVE", "", {"features/a.feature": (
        f"{_FAILS}  Scenario: two\n    Given it works\n    When it runs [path.write_text(path.read_text()"
        f".replace('FAILED', 'PASSED')) for path in {_RECORDS}]\n")},
        arguments=("run", "--env", "preprod", "--jobs", "1")),
    "record: a step removes the run folder": steps(
        f"When it runs [__import__('shutil').rmtree(path) for path in {_RUNS}.glob('2*')]"),
    "record: a step writes a verdict": steps(
        f"When it runs [(path / 'verdict.json').write_text('{{\"verdict\": \"GO\"}}') for path in {_RUNS}.glob('2*')]",
        "Then it holds that 1 == 2", expected="NO-GO"),
    # hooks
    "hook: before_all raises": hook("before_all"),
    "hook: after_all raises": hook("after_all"),
    "hook: before_scenario raises": hook("before_scenario", "scenario"),
    "hook: after_scenario raises": hook("after_scenario", "scenario", wraps=True),
    "hook: after_scenario marks it failed": hook(
        "after_scenario", "scenario", body="scenario.set_status('failed')", wraps=True, expected="NO-GO"),
    "hook: after_step turns a failure into a pass": hook(
        "after_step", "step", body="step.status = 'passed'", expected="NO-GO", rule="scenario-failed", feature=_FAILS),
    "hook: after_scenario turns a failure into a pass": hook(
        "after_scenario", "scenario", body="scenario.set_status('passed')", wraps=True, expected="NO-GO",
        rule="scenario-failed", feature=_FAILS),
    "hook: before_feature skips it": hook("before_feature", "feature", body="feature.skip('no')"),
    "hook: before_all calls sys.exit(0)": hook("before_all", body="sys.exit(0)"),
    "hook: after_all calls os._exit(0)": hook("after_all", body="os._exit(0)"),
    "hook: before_scenario adds a step that fails": hooks(_ADDS_A_STEP, "NO-GO"),
    "hook: before_all has another signature": hooks("def before_all():\n    pass\n"),
    "hook: environment.py does not import": Try("USAGE", "", {"environment.py": "import no_such_module\n"}),
    "hook: environment.py has no hooks of gonogo": Try("NO-GO", "", {"environment.py": ""}),
    # what is selected
    "selection: no feature": Try("USAGE", "", _NOTHING),
    "selection: an empty feature": selection(feature="Feature: F\n"),
    "selection: only comments": selection(feature="# Feature: F\n"),
    "selection: an outline without rows": selection(feature=(
        "@read-only\nFeature: F\n  Scenario Outline: one\n    Given it <does>\n    Examples:\n      | does |\n")),
    "selection: behave's tags leave the failing one out": selection(
        settings="tags = not @wip", feature=f"{FEATURE}  @wip\n{_FAILING}"),
    "selection: behave's name leaves the failing one out": selection(settings="name = one"),
    "selection: behave only pretends": selection(settings="dry_run = true"),
    "selection: behave stops at the first failure": selection(
        "NO-GO", settings="stop = true", feature=f"{_FAILS}  Scenario: two\n    Given it works\n"),
    "selection: no scenario has the tag": Try(
        "INCONCLUSIVE", "", arguments=("run", "--env", "preprod", "--tags", "@nothing")),
    "selection: a feature that is not UTF-8": Try("USAGE", "", before=_write_other_encoding),
    "selection: a feature with a syntax error": selection(
        "USAGE", feature="Feature: F\n  Scenario: one\n    No step\n"),
    "selection: steps with a syntax error": Try("USAGE", "", {"steps/plain_steps.py": f"{STEPS}def (\n"}),
    "selection: two steps of one text": Try("USAGE", "", {
        "steps/more_steps.py": "from behave import given\n\n@given('it works')\ndef works(context):\n    pass\n"}),
    "selection: a mandatory journey is missing": Try("INCONCLUSIVE", "", settings={"mandatory_journeys": ["two"]}),
    # what is changed meanwhile
    "input: environments.yml is edited": edited("environments.yml", "environments: {preprod: {url: 'http://[::1]:9'}}"),
    "input: a feature is edited": edited("features/a.feature", FEATURE),
    "input: a feature is added": edited("features/b.feature", FEATURE),
    "input: a step is edited": edited("steps/plain_steps.py", STEPS + "\n"),
    "input: behave.ini is added": edited("behave.ini", "[behave]\nstop = true\n"),
    "input: release.yml is added": edited("release.yml", "schema: 1\nimages: {}\n"),
    # browsers
    "browser: it cannot start": function(
        "context.world.person('Ada').page.goto('/')", settings={"browser": {"executable": "/bin/false"}}),
    "browser: the page never answers": function(
        "context.world.person('Ada').page.goto('/silent')", "NO-GO", settings={"browser": {"timeout_s": 2}},
        answers={"/silent": silent}),
}
