"""OpenAPI documents over real HTTP: complete, compressed, truncated, and endless."""

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

pytestmark = pytest.mark.alone

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
    """The response may be compressed."""
    assert load_document(url + path, tmp_path).document["openapi"] == "3.0.3"


def test_a_slow_response_does_not_delay_the_gate(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The whole response has a time limit, not each byte."""
    monkeypatch.setattr(documents, "FETCH_S", 0.3)
    began = time.monotonic()
    with pytest.raises(ConfigError, match=r"no complete answer within 0\.3 s"):
        load_document(url + "/drops", tmp_path)
    assert time.monotonic() - began < 1.5


def test_a_truncated_document_is_an_error(url: str, tmp_path: Path) -> None:
    """A response that ends too early is reported."""
    with pytest.raises(ConfigError, match="cannot be fetched"):
        load_document(url + "/cut", tmp_path)


def test_a_missing_server_is_a_problem_of_its_component_only(url: str, tmp_path: Path) -> None:
    """The documents of the other components are read."""
    read = load_documents({"api": url + "/plain", "gone": "http://127.0.0.1:9/openapi.json"}, tmp_path)
    assert list(read.by_component) == ["api"]
    assert "contract of gone: The OpenAPI document cannot be fetched" in read.problems[0]
