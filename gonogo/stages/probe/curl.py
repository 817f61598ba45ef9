"""A request as a command that a person can read and send; what the sign-in returned stands there as {{name}}."""

from __future__ import annotations

import json
import shlex
from urllib.parse import urlencode, urlsplit

from gonogo.model.probing import ProbeRequest
from gonogo.stages.probe.placeholders import as_text

_MAX_BODY = 2_000  # characters


def curl_of(request: ProbeRequest, url: str) -> str:
    """`curl -X POST http://shop/api/items -H 'Content-Type: application/json' --data-raw '{"name": ""}'`."""
    parts = urlsplit(url)
    query = urlencode(request.query, safe="{}")
    words = ["curl", "-X", request.method,
             f"{parts.scheme}://{parts.netloc}{request.path}" + (f"?{query}" if query else "")]
    for name, value in request.headers:
        words += ["-H", f"{name}: {value}"]
    if request.mime:
        words += ["-H", f"Content-Type: {request.mime}", "--data-raw", _body(request)[:_MAX_BODY]]
    return shlex.join(words)


def _body(request: ProbeRequest) -> str:
    if request.mime.startswith("application/x-www-form-urlencoded") and isinstance(request.body, dict):
        return urlencode({name: as_text(value) for name, value in request.body.items()}, safe="{}")
    return json.dumps(request.body, ensure_ascii=False)
