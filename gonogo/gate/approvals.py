"""`gonogo approve`: writes approvals of what people see into exceptions.yml, and removes those that have no effect."""

from __future__ import annotations

import getpass
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import yaml

from gonogo.config.exceptions import APPROVABLE, load_exceptions
from gonogo.config.located_yaml import read_located_yaml
from gonogo.config.reading import EXCEPTIONS_FILE, environment_names
from gonogo.core.errors import UsageError
from gonogo.core.runtime import Runtime
from gonogo.gate.promotion import run_folder_of, verdict_of
from gonogo.history import with_history
from gonogo.model.exceptions import Approval, SeenChoice
from gonogo.outside.baseline import KIND, OutsideBaseline
from gonogo.outside.compare import key_of
from gonogo.outside.texts import plain
from gonogo.records.verdict_file import ReasonDocument

DAYS = 30  # that an approval holds, by default: until the change is the baseline's
_HEADER = "exceptions:\n"


@dataclass(frozen=True, slots=True)
class Approvable:
    """A finding of a run that can be approved, with its number in the list that the command prints."""

    number: int
    reason: ReasonDocument

    @property
    def subject(self) -> dict[str, str]:
        place = self.reason.parameters["place"]
        return {"seen": place["kind"], "name": place["name"], "key": self.reason.parameters["key"]}

    @property
    def changes(self) -> list[dict[str, str]]:
        return [{"was": was, "is": now} for was, now in self.reason.parameters["pairs"]]


def list_approvable(requested: str | None, runtime: Runtime) -> None:
    """Print the findings of a run that can be approved, numbered."""
    found = _approvable(run_folder_of(requested, runtime.root))
    for each in found:
        approved = " (approved)" if each.reason.waived else ""
        runtime.stdout.write(f"{each.number}. {each.reason.title}{approved}\n")
    runtime.stdout.write(f"{len(found)} to approve; name them with --why: gonogo approve RUN 1 3 --why …\n"
                         if found else "nothing to approve\n")


def approve(requested: str | None, numbers: Sequence[int], runtime: Runtime, *, why: str, owner: str = "",
            days: int = DAYS) -> None:
    """Write an approval for each finding of `numbers` (() for all). Raises UsageError; then nothing is written."""
    if not why.strip():
        raise UsageError("An approval needs a reason.", fix="say why the change is right: --why 'PAY-17: new receipt'.")
    folder = run_folder_of(requested, runtime.root)
    found = {each.number: each for each in _approvable(folder)}
    unknown = sorted(set(numbers) - found.keys())
    if unknown:
        raise UsageError(f"The run has no finding {unknown[0]} to approve.", where=str(folder),
                         fix="`gonogo approve RUN` lists them.")
    chosen = [each for number, each in found.items()
              if (number in numbers or not numbers) and each.reason.waived is None]
    if not chosen:
        raise UsageError("There is nothing to approve.", where=str(folder),
                         fix=f"only findings of the rule {APPROVABLE} that are not approved yet can be.")
    for each in chosen:
        if each.reason.parameters.get("pairs_left_out"):
            raise UsageError(f"Finding {each.number} has more differences than an approval can name.",
                             where=str(folder),
                             fix="set `outside: {data: warn}` in environments.yml until the release is the baseline.")
    environment = verdict_of(folder).environment
    expires = runtime.now().date() + timedelta(days=days)
    entries = [{"kind": "approval", "rule": APPROVABLE, "subject": each.subject, "changes": each.changes,
                "reason": why, "owner": owner or _owner(runtime.root), "expires": expires,
                "environments": [environment]} for each in chosen]
    path = runtime.root / EXCEPTIONS_FILE
    _put(path, _with_entries(path, entries), runtime)
    runtime.stdout.write(f"approved: {len(entries)} in {EXCEPTIONS_FILE}; review and commit it with the change\n")


def prune(runtime: Runtime) -> None:
    """Remove the approvals of changes that the baseline of each of their environments holds already."""
    path = runtime.root / EXCEPTIONS_FILE
    names = environment_names(runtime.root)
    exceptions = load_exceptions(runtime.root, names, runtime.now().date())
    baselines = {name: _baseline(name, runtime) for name in names}
    over = [number for number, entry in enumerate(exceptions) if isinstance(entry, Approval)
            and all(_holds(baselines[name], entry) for name in entry.environments or names)]
    if over:
        _put(path, _without_entries(path, over), runtime)
    runtime.stdout.write(f"pruned: {len(over)} of {len(exceptions)} exceptions\n")


def _approvable(folder: Path) -> list[Approvable]:
    reasons = [reason for reason in verdict_of(folder).reasons if reason.rule == APPROVABLE]
    return [Approvable(number, reason) for number, reason in enumerate(reasons, 1)]


def _owner(root: Path) -> str:
    """The author of the commit that this is for, or else the user of this machine."""
    try:
        done = subprocess.run(["git", "config", "user.email"], cwd=root, capture_output=True, text=True, timeout=5,
                              check=False)
        return done.stdout.strip() or getpass.getuser()
    except (OSError, subprocess.TimeoutExpired, KeyError):
        return "unknown"


def _with_entries(path: Path, entries: Iterable[Mapping[str, Any]]) -> str:
    """The file with more entries at the end of its list; what is there stays as it is, with its comments."""
    text = path.read_text(encoding="utf-8") if path.exists() else _HEADER
    if path.exists():
        document = read_located_yaml(path, missing_fix="write it again.")
        keys = list(document.data) if isinstance(document.data, dict) else []
        if keys != ["exceptions"]:
            raise UsageError(f"{EXCEPTIONS_FILE} has no list `exceptions` alone, to which entries could be added.",
                             where=document.where(()), fix=f"correct it first; `{_HEADER.strip()}` starts the list.")
    indent = _indent(text)
    dumped = yaml.safe_dump(list(entries), sort_keys=False, allow_unicode=True, width=10_000)
    return text.rstrip("\n") + "\n" + "".join(f"{indent}{line}\n" for line in dumped.splitlines())


def _indent(text: str) -> str:
    """That of the entries which are there already."""
    first = next((line for line in text.splitlines() if line.lstrip().startswith("- ")), "  - ")
    return first[:len(first) - len(first.lstrip())]


def _without_entries(path: Path, numbers: Sequence[int]) -> str:
    """The file without these entries (from 0); without the whole file if none is left."""
    document = read_located_yaml(path, missing_fix="write it again.")
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    count = len(document.data["exceptions"]) if isinstance(document.data, dict) else 0
    starts = [document.lines["exceptions", number] - 1 for number in range(count)]
    ends = [*starts[1:], len(lines)]
    if count == len(numbers):
        return ""
    gone = {line for number in numbers for line in range(starts[number], ends[number])}
    return "".join(line for number, line in enumerate(lines) if number not in gone)


def _put(path: Path, text: str, runtime: Runtime) -> None:
    """Write the file, or remove it if it is empty; what cannot be read again is not written."""
    before = path.read_text(encoding="utf-8") if path.exists() else None
    if text:
        path.write_text(text, encoding="utf-8")
    else:
        path.unlink(missing_ok=True)
    try:
        load_exceptions(runtime.root, environment_names(runtime.root), runtime.now().date())
    except BaseException:
        if before is None:
            path.unlink(missing_ok=True)
        else:
            path.write_text(before, encoding="utf-8")
        raise


def _baseline(environment: str, runtime: Runtime) -> OutsideBaseline | None:
    baseline = with_history(runtime.root, runtime.environ, lambda history: history.baseline(environment))
    return OutsideBaseline.from_document(baseline.documents.get(KIND)) if baseline else None


def _holds(baseline: OutsideBaseline | None, entry: Approval) -> bool:
    """Whether the baseline shows each approved text, and none of those that it replaced, at the place.

    Its texts do not tell which order was approved, nor how many there are: such approvals stay until they expire.
    """
    subject = entry.subject
    if baseline is None or not isinstance(subject, SeenChoice):
        return False
    items = [item for places in baseline.places.values() for place, known in places.items()
             if (place.kind.value, place.name) == (subject.kind, subject.name) for item in known.items]
    before = {plain(item.text) for item in items if key_of(item) == subject.key}
    after = {plain(item.text) for item in items if item.key == subject.key.partition("|")[0]}  # with other wording too
    return all(was != now and (not now or now in after) and (not was or was not in before)
               for was, now in entry.changes)
