"""The Flask application that every component starts from: `/health`, `/version`, `/metrics`, problem documents."""

from __future__ import annotations

import time
import traceback
from collections.abc import Iterable

import requests
from flask import Flask, Response, jsonify, request
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from werkzeug.exceptions import HTTPException

from travel.chassis.neighbour import Neighbour, NeighbourRefused, NeighbourUnreachable
from travel.chassis.problem import Problem
from travel.chassis.settings import Settings
from travel.chassis.trace_context import tell_error

HEALTH_TIMEOUT_S = 1.5


def create_service(settings: Settings, dependencies: Iterable[Neighbour] = ()) -> Flask:
    """An application with the routes that all components share.

    `GET /health` asks each dependency for its own `/health?self=1` and answers 200 `ok` or 503
    `degraded`; with `?self=1` it speaks of this component alone, so that checks do not cascade.
    `GET /version` tells the image digest, the config digest and the build time, `GET /metrics` in Prometheus' text
    what the process takes of memory, CPU and files.
    """
    app = Flask(settings.component, static_folder=None)
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    neighbours = list(dependencies)
    debug = bool(settings.get("debug", False))

    @app.get("/health")
    def health() -> tuple[Response, int]:
        if "self" in request.args:
            return jsonify(component=settings.component, status="ok"), 200
        checks = {neighbour.name: _check(neighbour) for neighbour in neighbours}
        ok = all(check["status"] == "ok" for check in checks.values())
        document = jsonify(component=settings.component, status="ok" if ok else "degraded", dependencies=checks)
        return document, 200 if ok else 503

    @app.get("/version")
    def version() -> Response:
        return jsonify(component=settings.component, image=settings.image_digest,
                       config=settings.config_digest, built=settings.built, debug=debug)

    @app.get("/metrics")
    def metrics() -> Response:
        return Response(generate_latest(), content_type=CONTENT_TYPE_LATEST)

    _answer_errors(app, settings.component, debug=debug)
    return app


def _answer_errors(app: Flask, component: str, *, debug: bool) -> None:
    """Every error is a problem document; its `component` says who speaks, so that one passed on can be followed."""

    def document(error: Problem) -> Response:
        response = jsonify({**error.document(), "component": component})
        response.status_code = error.status
        response.content_type = "application/problem+json"
        return response

    @app.errorhandler(Problem)
    def problem(error: Problem) -> Response:
        tell_error(error)
        return document(error)

    @app.errorhandler(NeighbourRefused)
    def refused(error: NeighbourRefused) -> Response:
        app.logger.error("%s answered %s to what %s needs", error.neighbour, error.status, request.path, exc_info=error)
        tell_error(error)
        return document(Problem(502, "neighbour-refused", f"{error.neighbour} answered {error.status}.",
                                neighbour=error.neighbour, answer=error.body))

    @app.errorhandler(NeighbourUnreachable)
    def unreachable(error: NeighbourUnreachable) -> Response:
        app.logger.error("%s did not answer what %s needs", error.neighbour, request.path, exc_info=error)
        tell_error(error)
        return document(Problem(503, "neighbour-unreachable", f"{error.neighbour} did not answer.",
                                neighbour=error.neighbour))

    @app.errorhandler(HTTPException)
    def http_error(error: HTTPException) -> Response:
        code = (error.name or "error").lower().replace(" ", "-")
        return document(Problem(error.code or 500, code, error.description or ""))

    @app.errorhandler(Exception)
    def crash(error: Exception) -> Response:
        app.logger.exception("unhandled error in %s", request.path)
        tell_error(error)
        extra = {"traceback": traceback.format_exc()} if debug else {}
        return document(Problem(500, "internal-error", "Something went wrong on our side.", **extra))


def _check(neighbour: Neighbour) -> dict[str, object]:
    start = time.perf_counter()
    try:
        with requests.Session() as session:
            session.trust_env = False
            answer = session.get(f"{neighbour.base_url}/health", params={"self": "1"}, timeout=HEALTH_TIMEOUT_S)
        status = "ok" if answer.ok else "down"
    except requests.RequestException:
        status = "down"
    return {"status": status, "ms": round((time.perf_counter() - start) * 1000, 1)}
