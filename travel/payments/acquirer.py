"""The bank, in its own words. What an answer means for a payment is decided in `payments`."""

from __future__ import annotations

from travel.chassis import Neighbour, NeighbourRefused, NeighbourUnreachable
from travel.payments.payment_request import PaymentRequest

_WRONG_STATE = "E3001"


class Acquirer:
    def __init__(self, bank: Neighbour, webhook_url: str, *, statement_text: bool = False) -> None:
        self._bank = bank
        self._webhook_url = webhook_url
        self._statement_text = statement_text

    def charge(self, request: PaymentRequest, reference: str, payment_id: str) -> str:
        """Ask for a charge; the id that the bank gave it. Safe to repeat for the same payment."""
        answer = self._post("/v1/charges", payment_id, {
            "merchant_reference": reference,
            "amount": request.amount,
            "currency": request.currency,
            "card": {"number": request.card.number, "expiry": request.card.expiry, "cvc": request.card.cvc,
                     "holder": request.card.holder},
            "return_url": request.return_url,
            "webhook_url": self._webhook_url,
            **({"statement_text": f"TRAVEL {reference}"} if self._statement_text else {}),
        })
        return str(answer["charge_id"])

    def refund(self, charge_id: str, amount: int, payment_id: str) -> None:
        self._post(f"/v1/charges/{charge_id}/refunds", f"{payment_id}-refund", {"amount": amount})

    def void(self, charge_id: str) -> bool:
        """Give up a charge; False where there is nothing (any more) to give up."""
        try:
            self._post(f"/v1/charges/{charge_id}/void", f"{charge_id}-void", None)
        except NeighbourRefused as refusal:
            if refusal.status == 409 and refusal.body["error"]["code"] == _WRONG_STATE:
                return False
            raise
        return True

    def _post(self, path: str, idempotency_key: str, body: object) -> dict[str, object]:
        try:
            answer: dict[str, object] = self._bank.post(path, json=body, idempotency_key=idempotency_key)
        except NeighbourRefused as refusal:
            if refusal.status >= 500:
                raise NeighbourUnreachable(self._bank.name, f"it answered {refusal.status}") from refusal
            raise
        return answer
