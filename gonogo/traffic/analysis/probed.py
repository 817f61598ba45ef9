"""The exchanges of the probe stage that were traced: those whose answers differ from the baseline's, or failed."""

from __future__ import annotations

from gonogo.model.calls import BROWSER
from gonogo.model.exchange import Body, Exchange, Message
from gonogo.model.probing import ProbedRequest, ProbeEvidence
from gonogo.model.run import RunEvidence
from gonogo.traffic.http.parties import Parties


def probed_exchanges(run: RunEvidence, parties: Parties) -> tuple[Exchange, ...]:
    """The caller is that of the front API: what a browser's page would be."""
    return tuple(_exchange(probed, evidence.url, parties) for _, evidence in run.evidence(ProbeEvidence)
                 for probed in evidence.requests if probed.span_id)


def _exchange(probed: ProbedRequest, url: str, parties: Parties) -> Exchange:
    answer, request = probed.answers[-1], probed.request
    scheme, _, rest = url.partition("://")
    body = Body(answer.mime, len(probed.error_body), probed.error_body) if probed.error_body else None
    return Exchange(request.method, f"{scheme}://{rest.partition('/')[0]}{request.path}", answer.status,
                    started_s=probed.started_s, duration_ms=probed.ms, response=Message(body=body), caller=BROWSER,
                    callee=parties.name_of(url), scenario=probed.scenario, trace_id=probed.trace_id,
                    span_id=probed.span_id, failure=probed.error_body if not answer.status else "")
