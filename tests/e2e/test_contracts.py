"""A contract that is asked to block blocks: what was not looked at is INCONCLUSIVE, never a silent GO."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.e2e.conftest import Project

FEATURE = "@read-only\nFeature: F\n  Scenario: one\n    When it sends GET /ok\n"


def api(schema: object, version: object = "1") -> str:
    return json.dumps({"openapi": "3.0.3", "info": {"title": "t", "version": version}, "paths": {"/ok": {"get": {"responses": {
        "200": {"description": "", "content": {"application/json": {"schema": schema}}}}}}}})


AUTHOR = {"type": "object", "required": ["author"], "properties": {"author": {"type": "string"}}}


def contract(project: Project, document: str, policy: str = "block", **settings: Any) -> None:
    project.feature(FEATURE)
    project.file("api.json", document)
    project.environment(stages=["behaviour"], wire={"contract": policy}, services={"api": {
        "url": project.system.url, "version": None, "health": "/health", "openapi": "api.json"}}, **settings)


def test_document_with_a_blemish_blocks(project: Project) -> None:
    """A version that is a number is the document's fault; the missing member is that of the answer."""
    contract(project, api(AUTHOR, version=1.0))
    ended = project.run()
    ended.assert_answer("NO-GO", "contract-broken")
    assert "response.body.author: missing" in ended.title("contract-broken")


@pytest.mark.parametrize("what", ["refused", "cut", "not kept"])
def test_what_was_not_looked_at_is_inconclusive(project: Project, what: str) -> None:
    """The document, the body or the recording is missing."""
    document = "[" * 100_000 if what == "refused" else api({"type": "object"})
    contract(project, document, **({"evidence": {"exchanges": "failures"}} if what == "not kept" else {}))
    if what == "cut":
        project.system.padding = 70_000
    ended = project.run()
    rule, said = {"refused": ("contract-not-checked", "api GET /ok: not checked: The OpenAPI document is not valid YAML or JSON"),
                  "cut": ("contract-not-checked", "api GET /ok: response.body: not checked: the body was not recorded whole (of 70"),
                  "not kept": ("exchanges-not-recorded", "contract not checked: the exchanges of 1 scenario that passed were not kept, e.g. 'one'"),
                  }[what]
    ended.assert_answer("INCONCLUSIVE", rule)
    assert ended.title(rule).startswith(said)


def test_check_reads_the_documents(project: Project) -> None:
    """A document of which nothing can be used is a mistake; of another, what cannot be used is printed."""
    contract(project, api({"properties": {"a": {"$ref": "file:///etc/hostname"}}}))
    used = project.run(command="check")
    assert used.code == 0, used.stderr
    assert used.stdout.startswith("api.json: not checked: it refers to file:///etc/hostname, which is not read")
    project.file("api.json", "swagger: 1.0")
    refused = project.run(command="check")
    assert (refused.code, refused.stdout) == (2, "")
    assert "got 1.0 (Swagger)" in refused.stderr
    assert "at api.json" in refused.stderr
