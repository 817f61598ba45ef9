"""The memory and the time that hostile telemetry and recordings cost the gate.

    python bench/memory.py [CASE …] [--max-mib 300]

Each case runs in a process of its own: a batch of spans, a flood of batches over HTTP, an answer of Jaeger, a HAR file.
Prints how much the process grew at most, and the seconds. Exits with 1 if a case grew by more than `--max-mib`. Not
part of any gate.
"""

from __future__ import annotations

import argparse
import gzip
import json
import resource
import subprocess
import sys
import tempfile
import time
import zlib
from collections.abc import Callable
from pathlib import Path

import requests

from gonogo.core.errors import EvidenceError
from gonogo.records.har import MAX_WHOLE_BYTES, read_recording
from gonogo.records.har_source import MAX_FILE_BYTES
from gonogo.secrets.masking import masker_for
from gonogo.traffic.spans.jaeger import spans_of_jaeger
from gonogo.traffic.spans.otlp import JSON, MAX_BODY_BYTES, PROTOBUF, decode, unpack
from gonogo.traffic.spans.raw_span import MAX_SPANS_OF_A_BATCH, MalformedBatch
from gonogo.traffic.spans.receiver import Receiver
from gonogo.traffic.spans.span_store import SpanStore

ROOM = MAX_BODY_BYTES - 100
FLOOD_BATCHES = 40
HAR_START = b'{"log":{"entries":['


def field(number: int, value: bytes) -> bytes:
    """A length-delimited field of a protobuf message."""
    length, rest = b"", len(value)
    while rest > 127:
        length, rest = length + bytes([rest & 127 | 128]), rest >> 7
    return bytes([number << 3 | 2]) + length + bytes([rest]) + value


def batch(*spans: bytes) -> bytes:
    return field(1, field(2, b"".join(field(2, span) for span in spans)))


def ids(number: int = 1) -> bytes:
    return field(1, bytes(8) + number.to_bytes(8, "big")) + field(2, number.to_bytes(8, "big"))


def entry(text: str) -> bytes:
    content = {"size": len(text), "mimeType": "text/plain", "text": text}
    return json.dumps({"request": {"method": "GET", "url": "http://shop/x", "headers": []},
                       "response": {"status": 200, "headers": [], "content": content}}, ensure_ascii=False).encode()


def bomb(size: int) -> bytes:
    """So many zeros, compressed."""
    packer = zlib.compressobj(wbits=31)
    megabyte = bytes(1024 ** 2)
    return b"".join(packer.compress(megabyte) for _ in range(size // len(megabyte))) + packer.flush()


def decoded(body: bytes, media_type: str) -> None:
    decode(body, media_type)


def answered(body: bytes) -> None:
    spans_of_jaeger(body)


def flood(folder: Path) -> None:
    """Batches with long texts over HTTP: what the receiver keeps is limited."""
    text = field(9, field(1, b"http.url") + field(2, field(1, b"http://shop/" + b"x" * 2000)))
    store = SpanStore(masker_for(None, {}), file=folder / "spans.ndjson")
    with Receiver("http://127.0.0.1:0", store) as receiver:
        for number in range(FLOOD_BATCHES):
            spans = (ids(1 + number * 3000 + each) + text for each in range(3000))
            requests.post(f"http://127.0.0.1:{receiver.port}/v1/traces", gzip.compress(batch(*spans)), timeout=60,
                          headers={"Content-Type": PROTOBUF, "Content-Encoding": "gzip"}).raise_for_status()


def read_har_file(folder: Path, repeated: bytes, size: int, start: bytes = b"") -> None:
    """Read a file of about `size` bytes that repeats an entry, or a part of one."""
    path = folder / "x.har"
    with path.open("wb") as file:
        file.write(HAR_START + start)
        for _ in range(size // len(repeated)):
            file.write(repeated)
        file.write(b"0]}}")
    read_recording(path, lambda _url: "shop")


LARGE = MAX_FILE_BYTES - 10_000_000
CASES: dict[str, Callable[[Path], None]] = {
    "protobuf-resources": lambda _: decoded(b"\x0a\x00" * (ROOM // 2), PROTOBUF),
    "protobuf-spans": lambda _: decoded(field(1, field(2, b"\x12\x00" * (ROOM // 2))), PROTOBUF),
    "protobuf-attributes": lambda _: decoded(batch(ids() + b"\x4a\x00" * (ROOM // 2)), PROTOBUF),
    "protobuf-many": lambda _: decoded(batch(*(ids(number + 1) for number in range(MAX_SPANS_OF_A_BATCH))), PROTOBUF),
    "json-objects": lambda _: decoded(b'{"x":[' + b'{"":0},' * 450_000 + b"0]}", JSON),
    "json-lists": lambda _: decoded(b'{"x":[' + b"[]," * 490_000 + b"0]}", JSON),
    "json-depth": lambda _: decoded(b'{"x":' + b"[" * ROOM, JSON),
    "gzip-bomb": lambda _: decoded(unpack(bomb(1024 ** 3), "gzip"), PROTOBUF),
    "jaeger-objects": lambda _: answered(b'{"data":[{"spans":[],"x":[' + b'{"":0},' * 450_000 + b"0]}]}"),
    "flood": flood,
    "har-small-objects": lambda folder: read_har_file(folder, b'{"":0},', MAX_WHOLE_BYTES - 100),
    "har-objects": lambda folder: read_har_file(folder, b'{"":0},', LARGE, b"["),
    "har-depth": lambda folder: read_har_file(folder, b'{"a":', LARGE),
    "har-string": lambda folder: read_har_file(folder, b"x" * 1000, LARGE, b'"'),
    "har-texts": lambda folder: read_har_file(folder, entry("\U0001f600" + "x" * 60_000) + b",", LARGE),
    "har-usual": lambda folder: read_har_file(folder, entry("x" * 6000) + b",", LARGE),
}


def run_case(name: str) -> None:
    """Run one case in this process, and print how it grew."""
    before, began = peak_mib(), time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="gonogo-bench-") as folder:
        try:
            CASES[name](Path(folder))
            end = "read"
        except (MalformedBatch, EvidenceError) as error:
            end = f"refused: {str(error).splitlines()[0][:70]}"
    print(json.dumps({"mib": peak_mib() - before, "s": time.perf_counter() - began, "end": end}))  # noqa: T201


def peak_mib() -> float:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024 if sys.platform != "darwin" else 1024 ** 2)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cases", nargs="*", metavar="CASE", help=f"of {', '.join(CASES)}; all by default")
    parser.add_argument("--max-mib", type=float, default=300)
    parser.add_argument("--inside", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.inside:
        run_case(options.inside)
        return 0
    worst = 0.0
    for name in options.cases or CASES:
        done = subprocess.run([sys.executable, __file__, "--inside", name], capture_output=True, text=True, check=True)
        figures = json.loads(done.stdout)
        worst = max(worst, figures["mib"])
        print(f"{name:<22} {figures['mib']:6.0f} MiB {figures['s']:6.1f} s  {figures['end']}")  # noqa: T201
    return 1 if worst > options.max_mib else 0


if __name__ == "__main__":
    raise SystemExit(main())
