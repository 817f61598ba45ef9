"""The bank's own error format: `{"error": {"code", "message"}}`, and its list of codes."""

from __future__ import annotations

from flask import Flask, Response, jsonify
from werkzeug.exceptions import HTTPException

MALFORMED = "E1000"
CARD_NUMBER, CARD_EXPIRY, CARD_CVC, CARD_HOLDER = "E1001", "E1002", "E1003", "E1004"
AMOUNT, CURRENCY, REFERENCE, REFERENCE_USED, URL, KEY_MISSING = "E1005", "E1006", "E1007", "E1008", "E1009", "E1010"
KEY_REUSED = "E2001"
WRONG_STATE, REFUND_TOO_HIGH = "E3001", "E3002"
UNAUTHORISED, NOT_FOUND = "E4001", "E4004"
HTTP, INTERNAL = "E4000", "E5000"


class BankError(Exception):
    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(f"{code} {message}")
        self.code = code
        self.message = message
        self.status = status


def speak_bank(app: Flask) -> None:
    """Answer every error of `app` in the bank's format."""

    @app.errorhandler(BankError)
    def refusal(error: BankError) -> Response:
        return _answer(error.status, error.code, error.message)

    @app.errorhandler(HTTPException)
    def http_error(error: HTTPException) -> Response:
        status = error.code or 500
        return _answer(status, NOT_FOUND if status == 404 else HTTP, error.name.lower())

    @app.errorhandler(Exception)
    def crash(_: Exception) -> Response:
        app.logger.exception("unhandled error")
        return _answer(500, INTERNAL, "internal error")


def _answer(status: int, code: str, message: str) -> Response:
    response = jsonify(error={"code": code, "message": message})
    response.status_code = status
    return response
