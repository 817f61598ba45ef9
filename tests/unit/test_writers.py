"""No part of the engine writes or prints unmasked data: each place that writes is listed here with the reason."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import gonogo

ENGINE = Path(gonogo.__file__).parent
MASKED = "masks what it writes"
# module: call that writes → why it is allowed. A new place needs a masker, or an equally good reason.
WRITERS = {
    "secrets/handover.py": {"write": "to the gate, over a pipe that nothing else reads"},
    "records/run_folder.py": {"open": MASKED, "write": MASKED, "write_text": "the name of a run folder"},
    "records/messages.py": {"open": MASKED, "write": MASKED},
    "records/spans.py": {"open": MASKED, "write": MASKED},
    "records/load_record.py": {"open": MASKED, "writelines": MASKED},
    "core/streams.py": {"write": "what its caller, which is behave or `cli.main`, has masked"},
    "secrets/stream.py": {"open": MASKED, "write": MASKED},
    "scenarios/recording/trace_file.py": {"ZipFile": MASKED, "writestr": MASKED},
    "scenarios/recording/recorder.py": {
        "screenshot": "pixels, which nobody can mask: README, Secrets",
        "stop": "a raw trace in a private temporary folder, from which a masked one is made"},
    "scenarios/recording/outside.py": {"screenshot": "pixels, which nobody can mask: README, Secrets"},
    "scenarios/browser/sign_in.py": {"write_text": "states of a browser in the run's private temporary folder, which goes with it"},
    "scenarios/running/runner.py": {"print": MASKED},
    "scenarios/running/replay.py": {"write": "what the worker has masked"},
    "scenarios/running/bounds.py": {"write": "into memory"},
    "scenarios/running/worker.py": {"write": "into memory, from which masked events are made"},
    "scenarios/hooks.py": {"print": "masked by the session; behave captures it"},
    "environment/provisioning.py": {"TemporaryFile": "has no name, and is gone when it is closed; errors made of it are masked"},
    "traffic/tap/proxy.py": {"open": MASKED, "write": MASKED},
    "records/stage_record.py": {"open": MASKED, "write": MASKED},
    "scenarios/browser/page_opening.py": {"screenshot": "pixels, which nobody can mask: README, Secrets"},
    "stages/pages/visit.py": {"write": "into LineWriter, which masks; errors, masked, on stderr"},
    "stages/probe/send.py": {"write": "into LineWriter, which masks; errors, masked, on stderr"},
    "traffic/contract/cache.py": {name: "OpenAPI documents as they are published, readable by their owner alone" for name in ("open", "write", "mkstemp")},
    "traffic/contract/patterns.py": {"write": "a pattern and a text, into the pipe of the process that matches them"},
    "traffic/contract/pattern_child.py": {"write": "true, false or null, into the pipe of the gate"},
    "load/check.py": {"write": "a file's path, into a log that the gate masks"},
    "load/listeners.py": {"write": "names of options"}, "load/generator.py": {"write": MASKED}, "load/recorder.py": {"write": MASKED}, "load/preview.py": {"write": MASKED},
    "cli/main.py": {"print": MASKED},
    # `Runtime.stdout`, which `cli.main` opens as a masked stream
    "cli/check.py": {"write": MASKED}, "cli/rejudge.py": {"write": MASKED}, "cli/plugins.py": {"write": MASKED}, "cli/schema.py": {"write": MASKED},
    "gate/baselines.py": {"write": MASKED},
    "gate/approvals.py": {"write": MASKED, "write_text": "exceptions.yml: texts of a verdict, which are masked"},
    "gate/promotion.py": {"write": MASKED}, "gate/recordings.py": {"write": MASKED},
    "report/terminal.py": {"print": MASKED}, "cli/clean.py": {"print": MASKED, "write": MASKED},
    "environment/lease.py": {"write_bytes": "names and numbers of a run, in a private folder"},
    "stages/reaper.py": {"write": "that a command cannot be executed, into a log that the gate masks"},
    "stages/child.py": {"write": "the line that has a child begin"},
    "scenarios/running/run_record.py": {"write": "into MessagesFile, which masks"},
}
_CALLS = {"write", "writelines", "write_text", "write_bytes", "writestr", "print", "screenshot", "ZipFile", "dump", "copyfile", "copy2",
          "copytree", "NamedTemporaryFile", "TemporaryFile", "mkstemp"}


def _writing(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        modes = [each.value for each in (*node.args, *(keyword.value for keyword in node.keywords))
                 if isinstance(each, ast.Constant) and isinstance(each.value, str)]
        opens = name == "open" and any(mode and set(mode) <= set("rwaxbt+") and set(mode) & set("wax+") for mode in modes)
        if opens or (name == "stop" and "tracing" in ast.unparse(node.func)):
            yield name
        elif name == "ZipFile" and "w" not in modes:
            continue
        elif name == "write" and "self.write(" in ast.unparse(node):
            continue  # a writer's own other methods
        elif name in _CALLS and not (name == "dump" and "json" not in ast.unparse(node.func)):
            yield name


def test_every_writer_is_known() -> None:
    """Each place that writes a file or a stream is in the list, and each place in the list still writes."""
    found: dict[str, set[str]] = {}
    for path in ENGINE.rglob("*.py"):
        calls = set(_writing(ast.parse(path.read_text(encoding="utf-8"))))
        if calls:
            found[path.relative_to(ENGINE).as_posix()] = calls
    assert found == {module: set(calls) for module, calls in WRITERS.items()}


def test_new_writer_would_be_detected() -> None:
    """The search detects the ways in which Python code writes."""
    source = ('p.write_text(x); p.open("w"); open(p, "ab"); open(p); zipfile.ZipFile(p, "w"); zipfile.ZipFile(p); json.dump(x, f);'
              'print(x); page.screenshot(path=p); c.tracing.stop(path=p); pool.stop(); sys.stderr.write(x)')
    assert sorted(_writing(ast.parse(source))) == sorted(
        ["write_text", "open", "open", "ZipFile", "dump", "print", "screenshot", "stop", "write"])
