"""The process that serves the front end's files.

No business rule and no call to a neighbour belongs here: the browser reaches the services through the gateway.
"""

from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path

from flask import Flask, Response, abort, request

from travel.chassis import Settings, create_service
from travel.web.bundle import bundle

STATIC = Path(__file__).parent / "static"
SHELL = "index.html"
SCRIPT = "app.js"

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
    files = _files(static)

    @app.get("/", defaults={"path": SHELL})
    @app.get("/<path:path>")
    def file(path: str) -> Response:
        return _answer(files, path if "." in path.rsplit("/", 1)[-1] else SHELL)

    return app


def _answer(files: dict[str, bytes], path: str) -> Response:
    """One static file; the browser asks again each time, and is told 304 while the content is the same."""
    if path not in files:
        abort(404, f"There is no file {path}.")
    response = Response(files[path], content_type=CONTENT_TYPES[Path(path).suffix])
    # From the content: an image's files may all carry the same size and time as those of the image before.
    response.set_etag(hashlib.sha256(files[path]).hexdigest()[:32])
    response.headers["Cache-Control"] = "no-cache"
    response.make_conditional(request)
    return response


def _files(static: Path) -> dict[str, bytes]:
    """All that is served, by its path: the modules as one script, the rest as it is."""
    files = {path.relative_to(static).as_posix(): path.read_bytes() for path in static.rglob("*")
             if path.suffix in CONTENT_TYPES and path.suffix != ".js"}
    files[SCRIPT] = bundle(static / SCRIPT).encode()
    files[SHELL] = _vouching(files[SHELL].decode(), files).encode()
    return files


def _vouching(shell: str, files: dict[str, bytes]) -> str:
    """The shell, with the digest of each script and style that it loads: the browser runs these very bytes or none."""
    def with_integrity(match: re.Match[str]) -> str:
        digest = hashlib.sha256(files[match["path"]]).digest()
        return f'{match[0]} integrity="sha256-{base64.b64encode(digest).decode()}"'

    return LOADED_BY_THE_SHELL.sub(with_integrity, shell)
