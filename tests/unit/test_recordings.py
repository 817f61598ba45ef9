"""`gonogo wire import`: what it prints about HAR files of any tool, what it writes, and what it refuses."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gonogo.cli.main import main
from gonogo.core.errors import UsageError
from gonogo.core.runtime import Runtime
from gonogo.gate.recordings import ImportRequest, import_recordings
from gonogo.records.har import read_recording
from gonogo.traffic.http.parties import Parties

JSON = "application/json"
MITMPROXYS = Path(__file__).parents[1] / "fixtures" / "trace" / "node" / "requests.har"
DOCUMENT = {"openapi": "3.1.0", "info": {"title": "customers", "version": "1"}, "paths": {"/customers": {"post": {
    "requestBody": {"content": {JSON: {"schema": {"properties": {"name": {"type": "string", "pattern": "^\\S"}}}}}},
    "responses": {"201": {"description": "", "content": {JSON: {"schema": {
        "properties": {"id": {"type": "integer"}}}}}}}}}}}
ENVIRONMENTS = """
environments:
  preprod:
    url: http://shop
    services:
      web: {url: "http://shop", pages: true}
      customers: {url: "http://customers:8302", openapi: customers.json}
"""


def entry(method: str = "POST", url: str = "http://customers:8302/customers", status: int = 201,
          sent: object = None, answer: object = None, mime: str = JSON) -> dict[str, Any]:
    body = {"postData": {"mimeType": JSON, "text": json.dumps(sent)}} if sent is not None else {}
    return {"startedDateTime": "2026-11-20T10:00:00Z", "time": 5,
            "request": {"method": method, "url": url, "headers": [], **body},
            "response": {"status": status, "headers": [{"name": "Content-Type", "value": mime}],
                         "content": {"mimeType": mime, "text": json.dumps(answer)}}}


def har(path: Path, *entries: object, tool: Mapping[str, str] | None = None) -> Path:
    log = {"version": "1.2", "entries": list(entries), **({"creator": tool} if tool else {})}
    path.write_text(json.dumps({"log": log}), encoding="utf-8")
    return path


SIGN_UPS = [entry(sent={"name": "Ana"}, answer={"id": number}) for number in range(5)]
SPACED = [entry(sent={"name": " Ana"}, answer={"id": str(number), "note": ""}) for number in range(5)]


def told(root: Path, *files: Path, **more: Any) -> list[str]:
    """The lines printed for `files`, without the folder's own name."""
    stdout = io.StringIO()
    request = ImportRequest(**{"files": files, "caller": "browser", **more})
    import_recordings(request, Runtime(root=root, environ={"API_TOKEN": "very-secret"}, stdout=stdout, stderr=stdout))
    return stdout.getvalue().replace(f"{root}/", "").splitlines()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "environments.yml").write_text(ENVIRONMENTS)
    (tmp_path / "customers.json").write_text(json.dumps(DOCUMENT))
    return tmp_path


def test_recording_of_another_tool_needs_no_environment(tmp_path: Path) -> None:
    """Hosts are the parties; endpoints are printed with their statuses, followed by what was not checked."""
    assert told(tmp_path, MITMPROXYS)[1:] == [
        "browser → 127.0.0.1:34089 POST /holds           1  201",
        "browser → 127.0.0.1:34089 POST /orders          1  502",
        "browser → 127.0.0.1:34089 GET /orders/[id]      2  200 ×1, 504 ×1",
        "browser → 127.0.0.1:34089 POST /parcels         1  202",
        "browser → 127.0.0.1:34089 GET /prices           1  503",
        "not checked: contract: without --env there are no OpenAPI documents to check with",
        "6 exchanges, 5 endpoints, no contract checked"]


def test_each_file_is_listed_with_its_left_out_entries(tmp_path: Path) -> None:
    """Each file has a line with its tool and the left-out entries; the endpoints of all files are listed together."""
    data = entry("GET", "data:text/plain,x")
    first = har(tmp_path / "a.har", SIGN_UPS[0], data, data, {"request": {}}, tool={"name": "Fiddler", "version": "5"})
    second = har(tmp_path / "b.har", SIGN_UPS[1])
    lines = told(tmp_path, first, second, caller="partner")
    assert lines[:3] == [
        "a.har: 1 exchange, recorded by Fiddler 5; left out: request.url is not HTTP (2), response is missing (1)",
        "b.har: 1 exchange, recorded by an unnamed tool",
        "partner → customers:8302 POST /customers      2  201"]


def test_pages_and_assets_are_one_line_except_those_that_failed(tmp_path: Path) -> None:
    """Many scripts must not hide an endpoint, and a missing script must not be hidden among them."""
    script = entry("GET", "http://shop/a.js", 200, mime="text/javascript")
    entries = [entry("GET", "http://shop/", 200, mime="text/html"), script, {**script, "_resourceType": "script"},
               {**entry("GET", "http://shop/b.js", 404, mime="text/html"), "_resourceType": "script"}]
    lines = told(tmp_path, har(tmp_path / "a.har", *entries))
    assert [" ".join(line.split()) for line in lines[1:3]] == [
        "browser → shop GET /b.js 1 404", "browser → shop pages and their files 3 200"]
    assert lines[-1] == "4 exchanges, 1 endpoint, no contract checked"


def test_environment_names_components_and_enables_contract_checks(root: Path) -> None:
    """The component at fault is named: the front end for requests that the browser sent."""
    page = entry("GET", "http://shop/api/x", 200)
    lines = told(root, har(root / "a.har", *SPACED, page), environment_name="preprod")
    assert lines[1:] == [
        "browser → customers POST /customers      5  201",
        "browser → web GET /api/x                 1  200",
        'contract: web is at fault: customers POST /customers: request.body.name: " Ana" does not match ^\\S (5 times)',
        'contract: customers is at fault: customers POST /customers: response.body.id: string "0"; documented as integer (5 times)',
        "not documented: customers: POST /customers response.body.note",
        "not checked: contract: no OpenAPI document for web",
        "6 exchanges, 2 endpoints, 2 violations"]


def test_environment_without_documents_checks_no_contract(root: Path) -> None:
    """Without documents, the summary reports that no contract was checked, not that there were no violations."""
    lines = told(root, har(root / "a.har", entry("GET", "http://shop/api/x", 200)), environment_name="preprod")
    assert lines[-1] == "1 exchange, 1 endpoint, no contract checked"


def test_differences_from_an_earlier_recording_are_printed(root: Path) -> None:
    """They are differences in shape, other statuses, and endpoints that only one of the recordings has."""
    earlier = har(root / "then.har", *SIGN_UPS, entry("DELETE", "http://shop/x", 204), entry("GET", "http://shop/y", 200))
    now = har(root / "now.har", *SPACED, entry("GET", "http://shop/y", 500), entry("PUT", "http://shop/z", 200))
    lines = told(root, now, earlier=earlier)
    assert "browser → shop GET /y                         1  500  was 200" in lines
    about = "changed since then.har: browser → customers:8302 POST /customers:"
    assert f"{about} request.body.name: starts with a space; was without white space at its start or end (5 of 5)" in lines
    assert f"{about} response.body.id: a string (digits of length 1); was an integer (5 of 5)" in lines
    assert "not in then.har: browser → shop PUT /z" in lines
    assert "only in then.har: browser → shop DELETE /x" in lines
    assert ("not checked: shapes of 1 endpoint, e.g. browser → shop GET /y: fewer than 3 calls in then.har"
            in lines)
    assert lines[-1] == "7 exchanges, 3 endpoints, no contract checked, 3 differences"


def test_recording_has_no_differences_from_itself(root: Path) -> None:
    """A violation that the earlier recording also has is marked as such."""
    file = har(root / "a.har", *SPACED)
    lines = told(root, file, earlier=file, environment_name="preprod")
    assert lines[-1] == "5 exchanges, 1 endpoint, 2 violations, 0 differences"
    assert sum("(5 times, as in a.har)" in line for line in lines) == 2


def test_written_recording_is_complete_and_masked(root: Path) -> None:
    """It can be read again with its components without the environment; secrets are masked."""
    sent = {"name": "Ana", "password": "hunter2!", "key": "very-secret"}
    told(root, har(root / "a.har", entry(sent=sent)), har(root / "b.har", SPACED[0]), out=root / "new" / "out.har",
         environment_name="preprod", caller="partner")
    text = (root / "new" / "out.har").read_text()
    assert "hunter2!" not in text
    assert "very-secret" not in text
    first, second = read_recording(root / "new" / "out.har", Parties().name_of).exchanges
    assert (first.caller, first.callee, second.request.json()) == ("partner", "customers", {"name": " Ana"})


def test_control_characters_of_a_recording_are_not_printed(tmp_path: Path) -> None:
    """A path may contain any characters."""
    lines = told(tmp_path, har(tmp_path / "a.har", entry("GET", "http://shop/\x1b[2J", 200)))
    assert not any("\x1b" in line for line in lines)


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "a file that does not exist": ({"files": (Path("gone.har"),)}, "gone.har cannot be read: No such file or directory."),
    "a file that is not a HAR": ({"files": (Path("environments.yml"),)}, "environments.yml is not valid JSON"),
    "an empty HAR": ({"files": (Path("a.har"), Path("empty.har"))}, "empty.har has no usable exchange."),
    "a HAR whose entries are all left out": ({"files": (Path("data.har"),)}, "data.har has no usable exchange: request.url is not HTTP (1)."),
    "an empty earlier recording": ({"earlier": Path("empty.har")}, "empty.har has no usable exchange."),
    "an earlier recording of another site": ({"earlier": Path("else.har")}, "The recordings and else.har have no call in common"),
    "an unknown environment": ({"environment_name": "prepord"}, "Unknown environment 'prepord'."),
    "an input file as the output file": ({"out": Path("./a.har")}, "a.har is also an input file."),
    "the earlier recording as the output file": ({"earlier": Path("a.har"), "files": (Path("b.har"),), "out": Path("a.har")}, "a.har is also an input file."),
    "a folder as the output file": ({"out": Path()}, ". is a folder, not a file."),
}


@pytest.mark.parametrize(("asked", "what"), REFUSED.values(), ids=REFUSED.keys())
def test_unusable_arguments_are_refused(root: Path, monkeypatch: pytest.MonkeyPatch, asked: dict[str, Any], what: str) -> None:
    """Nothing is printed or written if a part of the request cannot be fulfilled."""
    monkeypatch.chdir(root)
    for name in ("a", "b"):
        har(Path(f"{name}.har"), *SIGN_UPS)
    har(Path("empty.har"))
    har(Path("data.har"), entry("GET", "data:x"))
    har(Path("else.har"), entry("GET", "http://else/", 200))
    before = {path.name: path.read_bytes() for path in root.iterdir()}
    runtime = Runtime(root=root, environ={}, stdout=io.StringIO(), stderr=io.StringIO())
    with pytest.raises(UsageError) as error:
        import_recordings(replace(ImportRequest((Path("a.har"),), "browser"), **asked), runtime)
    assert what in error.value.what
    assert error.value.fix
    assert runtime.stdout.getvalue() == ""  # type: ignore[attr-defined]
    assert {path.name: path.read_bytes() for path in root.iterdir()} == before


def test_command_line(root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A success prints the totals last on stdout and returns 0; an error is printed on stderr and returns 2."""
    monkeypatch.chdir(root)
    har(Path("a.har"), *SPACED)
    har(Path("b.har"), *SIGN_UPS)
    assert main(["wire", "import", "a.har", "b.har", "--env", "preprod", "--caller", "partner", "--compare", "b.har",
                 "--out", "out.har"]) == 0
    assert capsys.readouterr().out.splitlines()[-1].startswith("10 exchanges, 1 endpoint, 2 violations")
    assert Path("out.har").is_file()
    assert main(["wire", "import", "gone.har"]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "fix: give a HAR file that exists" in captured.err
