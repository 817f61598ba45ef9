"""The process that serves the front end's files.

No business rule and no call to a neighbour belongs here: the browser reaches the services through the gateway.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from flask import Flask, Response, abort, request
from werkzeug.security import safe_join

from travel.chassis import Settings, create_service

STATIC = Path(__file__).parent / "static"

# Spelled out because the standard library's table varies with the host's /etc/mime.types.
CONTENT_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}


def create_app(settings: Settings, static: Path = STATIC) -> Flask:
    app = create_service(settings)

    @app.get("/", defaults={"path": "index.html"})
    @app.get("/<path:path>")
    def file(path: str) -> Response:
        return _file(static, path if "." in path.rsplit("/", 1)[-1] else "index.html")

    return app


def _file(static: Path, path: str) -> Response:
    """One static file; the browser asks again each time, and is told 304 while the content is the same."""
    content_type = CONTENT_TYPES.get(Path(path).suffix)
    inside = safe_join(str(static), path)
    if content_type is None or inside is None or not Path(inside).is_file():
        abort(404, f"There is no file {path}.")
    content = Path(inside).read_bytes()
    response = Response(content, content_type=content_type)
    # From the content: an image's files may all carry the same size and time as those of the image before.
    response.set_etag(hashlib.sha256(content).hexdigest()[:32])
    response.headers["Cache-Control"] = "no-cache"
    response.make_conditional(request)
    return response
