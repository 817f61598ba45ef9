"""Checks exchanges against OpenAPI documents, which `gonogo.traffic.contract.documents` loads."""

from gonogo.traffic.contract.contracts import Contracts

__all__ = ["Contracts"]
