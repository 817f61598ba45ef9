"""The process that serves the front end's files.

No business rule and no call to a neighbour belongs here: the browser reaches the services through the gateway.
"""

from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path

from flask import Flask, Response, abort, request
from werkzeug.security import safe_join

from travel.chassis import Settings, create_service

STATIC = Path(__file__).parent / "static"
SHELL = "index.html"

# Spelled out because the standard library's table varies with the host's /etc/mime.types.
CONTENT_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
LOADED_BY_THE_SHELL = re.compile(r'(?:href|src)="/(?P<path>[\w/-]+\.(?:css|js))"')


def create_app(settings: Settings, static: Path = STATIC) -> Flask:
    app = create_service(settings)

    @app.get("/", defaults={"path": SHELL})
    @app.get("/<path:path>")
    def file(path: str) -> Response:
        return _file(static, path if "." in path.rsplit("/", 1)[-1] else SHELL)

    return app


def _file(static: Path, path: str) -> Response:
    """One static file; the browser asks again each time, and is told 304 while the content is the same."""
    content_type = CONTENT_TYPES.get(Path(path).suffix)
    inside = safe_join(str(static), path)
    if content_type is None or inside is None or not Path(inside).is_file():
        abort(404, f"There is no file {path}.")
    content = _shell(static) if path == SHELL else Path(inside).read_bytes()
    response = Response(content, content_type=content_type)
    # From the content: an image's files may all carry the same size and time as those of the image before.
    response.set_etag(hashlib.sha256(content).hexdigest()[:32])
    response.headers["Cache-Control"] = "no-cache"
    response.make_conditional(request)
    return response


def _shell(static: Path) -> bytes:
    """The shell, with the digest of each script and style that it loads: the browser runs these very bytes or none."""
    def with_integrity(match: re.Match[str]) -> str:
        digest = hashlib.sha256((static / match["path"]).read_bytes()).digest()
        return f'{match[0]} integrity="sha256-{base64.b64encode(digest).decode()}"'

    return LOADED_BY_THE_SHELL.sub(with_integrity, (static / SHELL).read_text(encoding="utf-8")).encode()
