"""Suites that hide a failure, prove nothing, or change what is run."""

from __future__ import annotations

from pathlib import Path

from bench.hostile.server import silent
from bench.hostile.trial import FEATURE, HOOKS, STEPS, Running, Try, scenario

_WAITS = ("When it runs open('underway', 'w').close()",
          "When it runs [time.sleep(0.05) for _ in range(200) if not os.path.exists('changed')]")
_THEN = "from behave import then\n\n@then('it is right')\ndef right(context):\n    {}\n"
_FAILS = scenario("Given it works", "Then it holds that 1 == 2")


def steps(*lines: str, expected: str = "INCONCLUSIVE", rule: str = "") -> Try:
    return Try(expected, rule, {"features/a.feature": scenario("Given it works", *lines)})


def then(body: str) -> Try:
    """A Then whose function has this body."""
    return Try("INCONCLUSIVE", "asserts-nothing", {
        "features/a.feature": scenario("Given it works", "Then it is right"), "steps/then_steps.py": _THEN.format(body)})


def hooks(code: str, expected: str, rule: str = "", feature: str = FEATURE) -> Try:
    """An environment.py that wraps gonogo's hooks."""
    return Try(expected, rule, {"features/a.feature": feature, "environment.py": f"{HOOKS}from gonogo.suite import hooks\n{code}"})


def edited(path: str, text: str, **of_try: object) -> Try:
    """A file that is changed while a scenario runs."""
    def change(running: Running) -> None:
        running.await_file("underway")
        (running.root / path).parent.mkdir(exist_ok=True)
        (running.root / path).write_text(text)
        (running.root / "changed").touch()

    return Try("INCONCLUSIVE", "inputs-changed", {"features/a.feature": scenario("Given it works", *_WAITS)},
               during=change, **of_try)  # type: ignore[arg-type]


def _make_unreadable(root: Path) -> None:
    (root / "features" / "a.feature").write_bytes(b"\xff\xfeFeature: F\n")


CONTROL = Try("GO")

TRIES = {
    # nothing in the step can fail
    "then: pass": then("pass"),
    "then: only a docstring": then('"""It is right."""'),
    "then: an ellipsis": then("..."),
    "then: a generator": then("yield\n    assert False"),
    "then: an assertion of a tuple": then("assert (False, 'it is wrong')"),
    "then: an assertion of a constant": then("assert True"),
    "then: an assertion of a text": then("assert 'not right'"),
    "then: a comparison that is returned": then("return 1 == 2"),
    "then: a coroutine": Try("NO-GO", "", {
        "features/a.feature": scenario("Given it works", "Then it is right"),
        "steps/then_steps.py": "from behave import then\n\n@then('it is right')\nasync def right(context):\n    assert False\n"}),
    "then: an assertion in a thread": Try("INCONCLUSIVE", "", {
            "features/a.feature": scenario("Given it works", "Then it is right"),
            "steps/then_steps.py": _THEN.format(
                "def check():\n        assert False\n    import threading\n    thread = threading.Thread(target=check)\n"
                "    thread.start()\n    thread.join()")}),
    "scenario: asks the system for nothing": Try("INCONCLUSIVE", "", {
        "features/a.feature": scenario("When it runs time.sleep(0)", "Then it holds that 1 == 1")}),
    # how a scenario ends
    "scenario: fails": Try("NO-GO", "scenario-failed", {"features/a.feature": _FAILS}),
    "scenario: raises": steps("When it runs 1 / 0", expected="NO-GO"),
    "scenario: calls sys.exit(0)": steps("When it runs sys.exit(0)", rule="scenario-unfinished"),
    "scenario: calls os._exit(0)": steps("When it runs os._exit(0)", rule="scenario-unfinished"),
    "scenario: kills its process": steps("When it runs os.kill(os.getpid(), 9)", rule="scenario-unfinished"),
    "scenario: kills its runner": steps("When it runs os.kill(os.getppid(), 9)"),
    "scenario: kills all processes of its group": steps("When it runs os.killpg(0, 9)"),
    "scenario: ends its process by SIGTERM": steps("When it runs os.kill(os.getpid(), 15)"),
    "scenario: raises KeyboardInterrupt": Try("INCONCLUSIVE", "", {"features/a.feature": scenario(
        "Given it works", "When it interrupts"), "steps/more_steps.py": (
        "from behave import when\n\n@when('it interrupts')\ndef interrupts(context):\n    raise KeyboardInterrupt\n")}),
    "scenario: crashes the interpreter": steps("When it runs __import__('ctypes').string_at(0)", rule="scenario-unfinished"),
    "scenario: recurses without end": steps("When it runs f = lambda: f(); f()", expected="NO-GO"),
    "scenario: never ends": Try("INCONCLUSIVE", "", {"features/a.feature": scenario("Given it works", "When it runs time.sleep(600)")},
                                {"budgets": {"scenario_s": 3}}),
    "scenario: never ends, and ignores SIGTERM": Try("INCONCLUSIVE", "", {"features/a.feature": scenario(
        "Given it works", "When it runs __import__('signal').signal(15, __import__('signal').SIG_IGN); time.sleep(600)")},
        {"budgets": {"behaviour_s": 6}}),
    "scenario: skips itself": steps("When it runs context.scenario.skip('not today')", rule="scenario-skipped"),
    "scenario: skips its feature": steps("When it runs context.feature.skip('not today')"),
    "scenario: aborts the run": steps("When it runs context.abort('enough')"),
    "scenario: has no steps": Try("INCONCLUSIVE", "", {"features/a.feature": scenario()}),
    "scenario: a step is undefined": Try("USAGE", "", {"features/a.feature": scenario("Given it works", "When it flies")}),
    "scenario: a step is pending": Try("INCONCLUSIVE", "", {
        "features/a.feature": scenario("Given it works", "When it is pending"), "steps/more_steps.py": (
            "from behave import when\nfrom behave.api.pending_step import StepNotImplementedError\n\n"
            "@when('it is pending')\ndef pending(context):\n    raise StepNotImplementedError('later')\n")}),
    "scenario: cannot clean up": steps("When it runs context.add_cleanup(lambda: 1 / 0)", rule="suite-error"),
    "scenario: sets its own status": steps("When it runs context.scenario.set_status('passed')",
                                           "Then it holds that 1 == 2", expected="NO-GO"),
    "scenario: closes the output": steps("When it runs sys.stdout.close(); os.close(1); os.close(2)",
                                         "Then it holds that 1 == 2", rule="scenario-unfinished"),
    "scenario: leaves a daemon": Try("GO", "", {"features/a.feature": scenario(
        "Given it works", "When it runs subprocess.Popen(['sleep', '600'], start_new_session=True)")}),
    "scenario: leaves a daemon without parent and environment": Try("GO", "", {"features/a.feature": scenario(
        "Given it works", "When it runs subprocess.run([sys.executable, '-c', 'import subprocess; "
        "subprocess.Popen([\"sleep\", \"600\"], start_new_session=True, env={})'], check=True)")}),
    "scenario: prints 100 MB": steps("When it runs print('x' * 100_000_000)", expected="GO"),
    "scenario: attaches 200 MB": steps("When it runs context.attach('text/plain', b'x' * 200_000_000)", expected="GO"),
    "scenario: raises with a text of 50 MB": steps("When it runs assert False, 'x' * 50_000_000", expected="NO-GO"),
    "scenario: fails with control characters": steps(
        r"When it runs assert False, '\x1b[2J\x1b]0;GO\x07\r\nGO\n :x: [bold]'", expected="NO-GO"),
    "scenario: fails with a lone surrogate": steps(r"When it runs assert False, '\udc80'", expected="NO-GO"),
    # what is recorded
    "record: a step removes messages.ndjson": steps(
        "When it runs [path.unlink() for path in __import__('pathlib').Path('runs').rglob('messages.ndjson')]"),
    "record: a step empties messages.ndjson": steps(
        "When it runs [path.write_text('') for path in __import__('pathlib').Path('runs').rglob('messages.ndjson')]"),
    "record: a step turns failures into passes": Try("INCONCLUSIVE", "", {"features/a.feature": (
        f"{_FAILS}  Scenario: two\n    Given it works\n    When it runs [path.write_text(path.read_text()"
        ".replace('FAILED', 'PASSED')) for path in __import__('pathlib').Path('runs').rglob('messages.ndjson')]\n")}),
    "record: a step removes the run folder": steps(
        "When it runs [__import__('shutil').rmtree(path) for path in __import__('pathlib').Path('runs').glob('2*')]"),
    "record: a step writes a verdict": steps(
        "When it runs [(path / 'verdict.json').write_text('{\"verdict\": \"GO\"}') for path in "
        "__import__('pathlib').Path('runs').glob('2*')]", "Then it holds that 1 == 2", expected="NO-GO"),
    # hooks
    "hook: before_all raises": hooks("def before_all(context):\n    raise ValueError('no')\n", "INCONCLUSIVE"),
    "hook: after_all raises": hooks("def after_all(context):\n    raise ValueError('no')\n", "INCONCLUSIVE"),
    "hook: before_scenario raises": hooks("def before_scenario(context, scenario):\n    raise ValueError('no')\n", "INCONCLUSIVE"),
    "hook: after_scenario raises": hooks(
        "def after_scenario(context, scenario):\n    hooks.after_scenario(context, scenario)\n    raise ValueError('no')\n", "INCONCLUSIVE"),
    "hook: after_scenario marks it failed": hooks(
        "def after_scenario(context, scenario):\n    scenario.set_status('failed')\n    hooks.after_scenario(context, scenario)\n", "NO-GO"),
    "hook: after_step turns a failure into a pass": hooks(
        "def after_step(context, step):\n    step.status = 'passed'\n", "NO-GO", "scenario-failed", _FAILS),
    "hook: after_scenario turns a failure into a pass": hooks(
        "def after_scenario(context, scenario):\n    hooks.after_scenario(context, scenario)\n    scenario.set_status('passed')\n",
        "NO-GO", "scenario-failed", _FAILS),
    "hook: before_feature skips it": hooks("def before_feature(context, feature):\n    feature.skip('no')\n", "INCONCLUSIVE"),
    "hook: before_all calls sys.exit(0)": hooks("import sys\ndef before_all(context):\n    sys.exit(0)\n", "INCONCLUSIVE"),
    "hook: after_all calls os._exit(0)": hooks("import os\ndef after_all(context):\n    os._exit(0)\n", "INCONCLUSIVE"),
    "hook: before_feature adds a step that fails": hooks(
        "import copy\ndef before_scenario(context, scenario):\n    hooks.before_scenario(context, scenario)\n"
        "    step = copy.copy(scenario.steps[0])\n    step.name = 'it runs assert False'\n    step.step_type = 'when'\n"
        "    scenario.steps.append(step)\n", "NO-GO"),
    "hook: before_all with another signature": hooks("def before_all():\n    pass\n", "INCONCLUSIVE"),
    "hook: environment.py does not import": Try("USAGE", "", {"environment.py": "import no_such_module\n"}),
    "hook: environment.py has no gonogo hooks": Try("NO-GO", "", {"environment.py": ""}),
    # what is selected
    "selection: no feature": Try("USAGE", "", {"features/a.feature": None}),
    "selection: an empty feature": Try("INCONCLUSIVE", "", {"features/a.feature": "Feature: F\n"}),
    "selection: only comments": Try("INCONCLUSIVE", "", {"features/a.feature": "# Feature: F\n"}),
    "selection: an outline without rows": Try("INCONCLUSIVE", "", {"features/a.feature": (
        "@read-only\nFeature: F\n  Scenario Outline: one\n    Given it <does>\n    Examples:\n      | does |\n")}),
    "selection: behave.ini leaves the failing one out": Try("INCONCLUSIVE", "", {
        "features/a.feature": f"{FEATURE}  @wip\n  Scenario: two\n    Then it holds that 1 == 2\n",
        "behave.ini": "[behave]\ntags = not @wip\n"}),
    "selection: a name in behave.ini": Try("INCONCLUSIVE", "", {
        "features/a.feature": f"{FEATURE}  Scenario: two\n    Then it holds that 1 == 2\n",
        "behave.ini": "[behave]\nname = one\n"}),
    "selection: dry_run in behave.ini": Try("INCONCLUSIVE", "", {
        "features/a.feature": _FAILS, "behave.ini": "[behave]\ndry_run = true\n"}),
    "selection: stop in behave.ini": Try("NO-GO", "", {
        "features/a.feature": f"{_FAILS}  Scenario: two\n    Given it works\n", "behave.ini": "[behave]\nstop = true\n"}),
    "selection: no scenario has the tag": Try("INCONCLUSIVE", "", arguments=("run", "--env", "preprod", "--tags", "@nothing")),
    "selection: a feature that is not UTF-8": Try("USAGE", "", before=_make_unreadable),
    "selection: a feature with a syntax error": Try("USAGE", "", {"features/a.feature": "Feature: F\n  Scenario: one\n    Giving up\n"}),
    "selection: steps with a syntax error": Try("USAGE", "", {"steps/plain_steps.py": f"{STEPS}def (\n"}),
    "selection: two steps of one text": Try("USAGE", "", {
        "steps/more_steps.py": "from behave import given\n\n@given('it works')\ndef works(context):\n    pass\n"}),
    "selection: a mandatory journey is missing": Try("INCONCLUSIVE", "", settings={"mandatory_journeys": ["two"]}),
    # what is changed meanwhile
    "input: environments.yml is edited": edited("environments.yml", '{"environments": {"preprod": {"url": "http://127.0.0.1:9"}}}'),
    "input: a feature is edited": edited("features/a.feature", FEATURE),
    "input: a feature is added": edited("features/b.feature", FEATURE),
    "input: a step is edited": edited("steps/plain_steps.py", STEPS + "\n"),
    "input: behave.ini is added": edited("behave.ini", "[behave]\nstop = true\n"),
    "input: release.yml is added": edited("release.yml", "schema: 1\nimages: {}\n"),
    # browsers
    "browser: it cannot start": Try("INCONCLUSIVE", "", {"features/a.feature": scenario("When it browses"), "steps/more_steps.py": (
        "from behave import when\n\n@when('it browses')\ndef browses(context):\n"
        "    context.world.person('Ada').page.goto('/')\n")}, {"browser": {"executable": "/bin/false"}}),
    "browser: the page never answers": Try("INCONCLUSIVE", "", {"features/a.feature": scenario("When it browses"), "steps/more_steps.py": (
        "from behave import when\n\n@when('it browses')\ndef browses(context):\n"
        "    context.world.person('Ada').page.goto('/silent')\n")}, {"browser": {"timeout_s": 2}}, {"/silent": silent}),
}
