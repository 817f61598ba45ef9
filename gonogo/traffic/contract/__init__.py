"""Checks exchanges against OpenAPI documents, which `gonogo.traffic.contract.documents` loads."""

from gonogo.traffic.contract.contracts import Checked, Contracts

__all__ = ["Checked", "Contracts"]
