"""The child process of the probe stage: `python -m gonogo.stages.probe.send` sends requests, and records each answer.

First the baseline's requests, in their order, then new ones in turns of the operations. Each operation has a sign-in of
its own, so that what one does to its account (it signs out) is not seen by another. The gate reads the record alone,
not the exit code.
"""

from __future__ import annotations

import json
import os
import secrets
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import chain, islice
from pathlib import Path
from urllib.parse import urlsplit

from gonogo.config import Environment, RunPlan
from gonogo.config.model import Probing
from gonogo.core.errors import ConfigError, GonogoError, UsageError
from gonogo.core.exit_codes import ExitCode
from gonogo.core.network import use_proxy
from gonogo.core.prestart import read_plan_line
from gonogo.environment.request_guard import RequestGuard, RequestRefused, install
from gonogo.history.connecting import history_folder
from gonogo.model.probing import UNIQUE, KnownRequest, ProbeBaseline, ProbedRequest, ProbeRequest
from gonogo.records.probe import (
    REQUESTS_FILE,
    OperationsLine,
    ProbeEndLine,
    ProbeLine,
    RequestLine,
    UnfilledLine,
    probe_writer,
)
from gonogo.records.probe_baseline import MAX_KNOWN, probe_baseline
from gonogo.records.stage_record import LineWriter
from gonogo.scenarios.browser.trace_context import HEADER, new_span_id
from gonogo.secrets.masking import Masker, masker_for
from gonogo.stages.probe.child import BASELINE_FILE, STAGE
from gonogo.stages.probe.client import Answer, Client
from gonogo.stages.probe.front import base_path, front_documents, is_chosen
from gonogo.stages.probe.generation import Operation, operations_of, use_cache
from gonogo.stages.probe.placeholders import Unfilled, filled
from gonogo.stages.probe.sign_in import Session, SignInFailed, load_sign_in
from gonogo.stages.probe.variations import in_turns
from gonogo.traffic.contract.cache import DocumentCache
from gonogo.traffic.contract.documents import load_document
from gonogo.traffic.shapes.answers import answer_class, answer_difference

REPLAY_FACTOR = 2.0  # times `seconds`: a slower release is still compared as a whole
_REPLAY_SHARE = 0.6  # of `seconds`, which the requests of a baseline may take to be sent again
_MAX_UNANSWERED = 5  # in a row, of the plain kind: nothing is there any more
_MAX_ERROR_BODY = 4096  # characters
_MAX_LEFT_OUT = 50
_MAX_REFUSED = 20


class _Stopped(Exception):
    """Nothing more is sent; the text is the reason, as in the record."""


@dataclass(slots=True)
class _Sessions:
    """One sign-in for each operation."""

    url: str
    sign_in: Callable[[str], Session] | None
    masker: Masker
    _by_operation: dict[str, Session] = field(default_factory=dict)

    def of(self, operation: str) -> Session:
        if operation not in self._by_operation:
            session = self.sign_in(self.url) if self.sign_in else Session()
            self.masker.learn(session.secrets)
            self._by_operation[operation] = session
        return self._by_operation[operation]


class Sender:
    """Sends each request, again if its answer is to be confirmed, and records it."""

    def __init__(self, plan: RunPlan, writer: LineWriter, sessions: _Sessions, masker: Masker) -> None:
        environment = plan.environment
        parts = urlsplit(environment.url)
        self._client = Client(f"{parts.scheme}://{parts.netloc}")
        self._plan = plan
        self._traced = environment.traces is not None and environment.evidence.trace_context
        self._writer = writer
        self._sessions = sessions
        self._masker = masker
        self._unique = secrets.token_hex(4)
        self._sent = 0
        self._began = time.monotonic()
        self.keys: set[str] = set()  # of the requests that were sent
        self.replay_s = 0.0  # that it takes to send each of them once
        self._unanswered = 0

    @property
    def elapsed_s(self) -> float:
        """Since the start, without the time of preparations."""
        return time.monotonic() - self._began

    @contextmanager
    def preparing(self) -> Iterator[None]:
        """What a block takes is not time for requests: on a busy machine it would leave none."""
        began = time.monotonic()
        yield
        self._began += time.monotonic() - began

    def send(self, request: ProbeRequest, known: KnownRequest | None = None) -> ProbedRequest:
        """Send it. A new request is sent twice, as is one whose answer differs from the baseline's.

        Raises Unfilled, SignInFailed, and _Stopped when nothing answers.
        """
        session = self._sessions.of(request.operation)
        first = self._once(request, session, sampled=False)
        differs = known is not None and answer_difference(
            first.answers[0], known.answer, known.unstable, failed_before=known.failed)
        probed = replace(first, known=known is not None)
        if known is None or differs:
            second = self._once(request, session, sampled=bool(differs) or first.answers[0].failed)
            probed = replace(second, known=known is not None, answers=(*first.answers, *second.answers), ms=first.ms)
        self._writer.write(RequestLine(probed=probed))
        self.keys.add(request.key)
        self.replay_s += first.ms / 1000
        self._unanswered = self._unanswered + 1 if all(not each.status for each in probed.answers) else 0
        if self._unanswered >= _MAX_UNANSWERED:
            raise _Stopped("no answer")
        return probed

    def _once(self, request: ProbeRequest, session: Session, *, sampled: bool) -> ProbedRequest:
        self._sent += 1
        unique = f"{self._unique}{self._sent:04x}"
        wanted = filled(request, {**session.values, UNIQUE: lambda: unique})
        trace_id, span_id, headers = self._plan.trace_ids.new(), new_span_id(), dict(
            session.headers if request.signed else {})
        if self._traced:
            headers[HEADER] = f"00-{trace_id}-{span_id}-{'01' if sampled else '00'}"
        began_s = time.time()
        answer = self._client.send(wanted, headers)
        recorded = self._traced and sampled
        return ProbedRequest(request, (answer_class(answer.status, answer.body),),
                             trace_id=trace_id if recorded else "", span_id=span_id if recorded else "",
                             started_s=began_s, ms=answer.ms, error_body=self._error_body(answer))

    def _error_body(self, answer: Answer) -> str:
        if answer.body is None or answer.body.text is None or answer.status < 400:
            return answer.failure
        return self._masker.body(answer.body.text, answer.body.mime)[:_MAX_ERROR_BODY]


def probe(plan: RunPlan, folder: Path, root: Path, environ: Mapping[str, str], guard: RequestGuard) -> None:
    """Send the requests of an environment and write the record; an error that ends it is in the record."""
    environment = plan.environment
    masker, settings = masker_for(environment, environ), environment.probe
    known = _baseline_in(folder / BASELINE_FILE)
    chosen = [each for each in known.requests if _is_probed(each.request.operation, environment)]
    with probe_writer(folder / REQUESTS_FILE, masker) as writer:
        writer.write(ProbeLine(schema=1, url=masker.url(environment.url), signed=settings.sign_in is not None,
                               planned=len(chosen), excluded=len(known.requests) - len(chosen)))
        end = ProbeEndLine()
        try:
            sessions = _Sessions(environment.url.rstrip("/"), load_sign_in(settings.sign_in) if settings.sign_in
                                 else None, masker)
            sender = Sender(plan, writer, sessions, masker)
            _replay(sender, chosen, settings, writer)
            with sender.preparing():
                requests = _new_requests(_operations(environment, root, environ, writer), sessions,
                                         signed=settings.sign_in is not None)
                first = list(islice(requests, 1))
            _send_new(sender, settings, chain(first, requests))
        except _Stopped as stopped:
            end = ProbeEndLine.model_validate({"stopped_by": str(stopped)})
        except SignInFailed as error:
            end = ProbeEndLine(sign_in_error=masker.text(str(error)))
        except RequestRefused as error:
            end = ProbeEndLine(fault=masker.text(str(error)))
        except GonogoError as error:
            end = ProbeEndLine(fault=masker.text(f"{error.what} ({error.fix})"))
        refused = tuple(dict.fromkeys(map(str, guard.taken())))[:_MAX_REFUSED]
        writer.write(end.model_copy(update={"refused": tuple(map(masker.text, refused))}))


def _replay(sender: Sender, known: list[KnownRequest], settings: Probing, writer: LineWriter) -> None:
    """Raises _Stopped where twice the time is over before the baseline's requests are sent."""
    for each in known:
        if sender.elapsed_s > settings.seconds * REPLAY_FACTOR:
            raise _Stopped("time")
        try:
            sender.send(each.request, each)
        except Unfilled as name:
            writer.write(UnfilledLine(operation=each.request.operation, name=str(name)))


def _send_new(sender: Sender, settings: Probing, requests: Iterable[ProbeRequest]) -> None:
    """Raises _Stopped where the time is over, or as many requests are known as the next run can send again."""
    most = min(settings.max_requests, MAX_KNOWN)
    for request in requests:
        if sender.elapsed_s > settings.seconds or sender.replay_s > settings.seconds * _REPLAY_SHARE:
            raise _Stopped("time")
        if len(sender.keys) >= most:
            raise _Stopped("requests")
        if request.key not in sender.keys:
            sender.send(request)


def _new_requests(operations: list[Operation], sessions: _Sessions, *, signed: bool) -> Iterator[ProbeRequest]:
    def of(operation: Operation) -> Iterator[ProbeRequest]:
        yield from operation.requests(sessions.of(operation.label).values, signed=signed)

    return in_turns(map(of, operations))


def _operations(environment: Environment, root: Path, environ: Mapping[str, str],
                writer: LineWriter) -> list[Operation]:
    """The operations of the front API. Raises ConfigError if there is none."""
    use_cache(_user_cache(environ))
    documents = DocumentCache(history_folder(root, environ) / "documents")
    found: list[Operation] = []
    left_out: list[str] = []
    for front in front_documents(environment):
        try:
            document = load_document(front.place, root, documents).document
            made, others = operations_of(dict(document), front.component, base_path(document, front),
                                         lambda label: _is_probed(label, environment))
        except (ConfigError, ValueError) as error:
            left_out.append(f"{front.component}: {getattr(error, 'what', error)}")
            continue
        known = {each.label for each in found}
        found += [each for each in made if each.label not in known]
        left_out += others
    writer.write(OperationsLine(operations=len(found), left_out=tuple(left_out[:_MAX_LEFT_OUT])))
    return found


def _user_cache(environ: Mapping[str, str]) -> Path:
    """The tables take seconds to make, and are the same for every project."""
    return Path(environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "gonogo" / "hypothesis"


def _is_probed(operation: str, environment: Environment) -> bool:
    return is_chosen(operation, environment.probe.only, environment.probe.except_)


def _baseline_in(path: Path) -> ProbeBaseline:
    """The requests that the gate handed over; none without the file, as for the first run."""
    if not path.exists():
        return ProbeBaseline()
    return probe_baseline(json.loads(path.read_text(encoding="utf-8"))) or ProbeBaseline()


def main(environ: MutableMapping[str, str]) -> int:
    try:
        line, run_folder = read_plan_line(environ), environ.get("GONOGO_RUN_DIR")
        if line is None or run_folder is None:
            raise UsageError("This process is started by the gate, which hands it a plan.",
                             fix="name the stage `probe` in environments.yml, and run `gonogo run`.")
        plan = RunPlan.unsealed(line)
        use_proxy(environ, *plan.environment.proxy_settings)
        probe(plan, Path(run_folder) / STAGE, Path.cwd(), environ, install(plan.reach))
    except GonogoError as error:
        sys.stderr.write(f"{masker_for(None, environ).text(str(error))}\n")
        return int(error.exit_code)
    return int(ExitCode.GO)


if __name__ == "__main__":
    sys.exit(main(os.environ))
