"""The bank's test gateway: what it was asked for, by the name on the card, and what moved."""

from __future__ import annotations

from typing import Any

from gonogo.steps.api import Api
from gonogo.steps.waiting import eventually
from steps.parties.money import Money

MOVED = ("AUTHORISED", "REFUNDED")
UNDECIDED = ("PENDING", "CHALLENGE")


class Bank:
    def __init__(self, api: Api) -> None:
        self._api = api

    def assert_charged_once(self, holder: str, price: Money) -> None:
        """The bank has decided on all that it was asked for, and money moved once."""
        charges = eventually(
            lambda: self._charges(holder),
            lambda seen: _decided(seen) and any(charge["status"] in MOVED for charge in seen),
            what=f"a charge of {holder}, and none undecided",
        )
        moved = [Money.of(charge) for charge in charges if charge["status"] in MOVED]
        assert moved == [price], f"expected one charge of {price}, but: {charges}"

    def assert_charged_nothing(self, holder: str) -> None:
        """The bank was asked, has decided, and no money moved."""
        charges = eventually(lambda: self._charges(holder), _decided, what=f"every charge of {holder} decided")
        moved = [charge for charge in charges if charge["status"] in MOVED]
        assert not moved, f"money moved: {moved}"

    def assert_never_asked(self, holder: str) -> None:
        charges = self._charges(holder)
        assert not charges, f"the bank was asked for: {charges}"

    def assert_refunded(self, holder: str, price: Money) -> None:
        charges = eventually(
            lambda: self._moved(holder),
            lambda seen: any(charge["refunded_amount"] for charge in seen),
            what=f"a refund to {holder}",
        )
        refunds = [Money(charge["refunded_amount"], charge["currency"]) for charge in charges]
        assert refunds == [price], f"expected one refund of {price}, but: {charges}"

    def assert_refunded_nothing(self, holder: str) -> None:
        charges = self._moved(holder)
        assert charges, f"the bank has charged {holder} nothing"
        assert not any(charge["refunded_amount"] for charge in charges), f"the bank has refunded: {charges}"

    def assert_heard_at_once(self, holder: str) -> None:
        """A bank that has to say things again for long stops to say anything."""
        charges = self._charges(holder)
        assert charges, f"the bank has nothing to say about {holder}"
        missed = [charge for charge in charges if charge["webhook_failures"]]
        assert not missed, f"the bank's word was not taken: {missed}"

    def holders_charged(self, holders: list[str]) -> list[str]:
        return [holder for holder in holders if self._moved(holder)]

    def _moved(self, holder: str) -> list[dict[str, Any]]:
        return [charge for charge in self._charges(holder) if charge["status"] in MOVED]

    def _charges(self, holder: str) -> list[dict[str, Any]]:
        return list(self._api.get("/sandbox/charges", params={"holder": holder})["charges"])


def _decided(charges: list[dict[str, Any]]) -> bool:
    return bool(charges) and all(charge["status"] not in UNDECIDED for charge in charges)
