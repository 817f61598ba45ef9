"""OpenAPI documents over real HTTP: whole, packed, cut off, and without end."""

from __future__ import annotations

import gzip
import json
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from gonogo.core.errors import ConfigError
from gonogo.traffic.contract import documents
from gonogo.traffic.contract.documents import load_document, load_documents
from tests.serving import serving

WHOLE = json.dumps({"openapi": "3.0.3", "info": {"title": "api", "version": "1"}, "paths": {}}).encode()


class Server(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        packed = gzip.compress(WHOLE)
        if self.path == "/packed":
            self.send_header("Content-Encoding", "gzip")
            self.send_header("Content-Length", str(len(packed)))
            self.end_headers()
            self.wfile.write(packed)
        elif self.path == "/cut":
            self.send_header("Content-Length", "9999")
            self.end_headers()
            self.wfile.write(WHOLE)
        elif self.path == "/drops":
            self.end_headers()
            try:
                for _drop in range(40):
                    self.wfile.write(b" ")
                    time.sleep(0.05)
            except OSError:
                pass
        else:
            self.end_headers()
            self.wfile.write(WHOLE)

    def log_message(self, *_arguments: object) -> None:
        pass


@pytest.fixture
def url() -> Iterator[str]:
    with serving(Server) as url:
        yield url


@pytest.mark.parametrize("path", ["/plain", "/packed"])
def test_a_document_is_fetched(url: str, tmp_path: Path, path: str) -> None:
    """As it is served, packed or not."""
    assert load_document(url + path, tmp_path)["openapi"] == "3.0.3"


def test_an_answer_that_comes_in_drops_does_not_hold_the_gate_up(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The time is bounded as a whole, not from byte to byte."""
    monkeypatch.setattr(documents, "FETCH_S", 0.3)
    began = time.monotonic()
    with pytest.raises(ConfigError, match=r"timed out after 0\.3 s"):
        load_document(url + "/drops", tmp_path)
    assert time.monotonic() - began < 1.5


def test_half_a_document_is_none(url: str, tmp_path: Path) -> None:
    """An answer that ends too early is said to."""
    with pytest.raises(ConfigError, match="cannot be fetched"):
        load_document(url + "/cut", tmp_path)


def test_an_address_where_nobody_listens_is_a_problem_of_its_component_alone(url: str, tmp_path: Path) -> None:
    """The others are read."""
    read = load_documents({"api": url + "/plain", "gone": "http://127.0.0.1:9/openapi.json"}, tmp_path)
    assert list(read.by_component) == ["api"]
    assert "contract of gone: The OpenAPI document cannot be fetched" in read.problems[0]
