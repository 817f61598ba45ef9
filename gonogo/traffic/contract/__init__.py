"""Exchanges held against OpenAPI documents. Where the documents come from is `gonogo.traffic.contract.documents`."""

from gonogo.traffic.contract.contracts import Contracts

__all__ = ["Contracts"]
