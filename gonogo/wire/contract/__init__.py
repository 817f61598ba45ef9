"""Exchanges held against OpenAPI documents. Where the documents come from is `gonogo.wire.documents`."""

from gonogo.wire.contract.contracts import Contracts

__all__ = ["Contracts"]
