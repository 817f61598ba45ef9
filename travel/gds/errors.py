"""The gateway's own error format: `{"error": {"code", "message"}}`, upper case as such systems speak."""

from __future__ import annotations

from flask import Flask, Response, jsonify
from werkzeug.exceptions import HTTPException


class GdsError(Exception):
    """A refusal; `code` is two letters and two digits, `message` its fixed text."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(f"{code} {message}")
        self.status = status
        self.code = code
        self.message = message


def speak_gds(app: Flask) -> None:
    """Answer every error of `app` in the gateway's format."""

    @app.errorhandler(GdsError)
    def refusal(error: GdsError) -> Response:
        return _answer(error.status, error.code, error.message)

    @app.errorhandler(HTTPException)
    def http_error(error: HTTPException) -> Response:
        return _answer(error.code or 500, "RQ00", (error.name or "ERROR").upper())

    @app.errorhandler(Exception)
    def crash(_: Exception) -> Response:
        app.logger.exception("unhandled error")
        return _answer(500, "SY01", "SYSTEM ERROR")


def _answer(status: int, code: str, message: str) -> Response:
    response = jsonify(error={"code": code, "message": message})
    response.status_code = status
    return response
