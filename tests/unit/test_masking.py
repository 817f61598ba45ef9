"""Secrets are masked in every form in which they are written, and nothing else is."""

from __future__ import annotations

import base64
import html
import json
import pickle
import time
from urllib.parse import quote, quote_plus

import pytest

from gonogo.config import Environment
from gonogo.model.rules import RULES
from gonogo.records.run_folder import write_json, write_whole
from gonogo.secrets.known import Secrets, secrets_of
from gonogo.secrets.masking import MASK_KEY, Masker, is_masked, masker_for, new_mask_key
from gonogo.secrets.names import kind_of_header, kind_of_name, kind_of_selector, kind_of_variable
from gonogo.secrets.stream import LineMasker
from tests.masks import KEY, mask, masker

MASKER = masker({"BANK_API_KEY": "sk-live-123456", "HOME": "/home/ana", "SHORT_TOKEN": "abc"})
HARD = 'p@ss "w"/é&<+>\\ \'x\'='  # a value that each notation encodes differently
KEYED = mask("sk-live-123456", "key")


@pytest.mark.parametrize("rule", RULES)
def test_no_word_after_the_name_of_a_rule_is_taken_for_a_secret(rule: str) -> None:
    line = f"behaviour: {rule}: not all evidence was looked at"
    assert MASKER.text(line) == line


def test_a_value_is_masked_in_every_form() -> None:
    """The mask is the same, whatever the encoding and however often it was applied."""
    known = masker({"DB_PASSWORD": HARD})
    raw = HARD.encode()
    forms = {
        "plain": HARD, "json": json.dumps(HARD), "json, as it is": json.dumps(HARD, ensure_ascii=False),
        "json twice": json.dumps(json.dumps({"a": HARD})), "json for html": json.dumps(HARD).replace("<", "\\u003c").replace("&", "\\u0026"),
        "json with slashes": json.dumps(HARD).replace("/", "\\/"), "html": html.escape(HARD), "html numbers": "".join(
            f"&#{ord(each)};" if not each.isalnum() or ord(each) > 127 else each for each in HARD),
        "html hex": "".join(f"&#x{ord(each):X};" if not each.isalnum() else each for each in HARD),
        "url": quote(HARD, safe=""), "url in lower case": quote(HARD, safe="").replace("%C3%A9", "%c3%a9").replace("%2F", "%2f"),
        "form": quote_plus(HARD), "url twice": quote(quote(HARD, safe="")), "repr": repr(HARD),
        **{f"base64 behind {before}": base64.b64encode(b"u" * before + raw + b"!").decode() for before in range(6)},
        **{f"urlsafe base64 behind {before}": base64.urlsafe_b64encode(b":" * before + raw).decode() for before in range(3)},
        "base64 in a url": quote_plus(base64.b64encode(b"user:" + raw)), "a login": "Basic " + base64.b64encode(b"user:" + raw).decode(),
    }
    for form, text in forms.items():
        masked = known.text(f"before {text} behind")
        assert mask(HARD, "password") in masked, (form, text, masked)
        for part in ("p@ss", "p%40ss", raw[:4].hex(), base64.b64encode(raw[:6]).decode()):
            assert part not in masked, (form, masked)
        assert masked.startswith("before ") and masked.endswith(" behind")


@pytest.mark.parametrize(("text", "expected"), [
    ("key=sk-live-123456!", f"key={KEYED}!"),
    ("sk-live-123456sk-live-123456", f"{KEYED}{KEYED}"),
    (KEYED, KEYED),
    (f"token={KEYED}", f"token={KEYED}"),  # masks are not masked again
    ("at https://ana:pw@shop:80/x", "at https://shop:80/x"),
    ("at https://ana@shop/x and http://b:c@d", "at https://shop/x and http://d"),
    ('GET /api?page=2&token=xyz HTTP/1.1" 200', f'GET /api?page=2&token={mask("xyz", "token")} HTTP/1.1" 200'),
    ("Story(user='ana', password='a b')", f"Story(user='ana', password='{mask('a b', 'password')}')"),
    ('login(password: "a\\"b", user: "ana")', f'login(password: "{mask(chr(97) + chr(34) + "b", "password")}", user: "ana")'),
    ('{\\"pwd\\": \\"x\\", \\"a\\": 1}', f'{{\\"pwd\\": \\"{mask("x", "password")}\\", \\"a\\": 1}}'),
    ("DB_PASSWORD=x\nB=y", f"DB_PASSWORD={mask('x', 'password')}\nB=y"),
    ("> Authorization: Bearer abc.d\n", f"> Authorization: Bearer {mask('abc.d', 'token')}\n"),
    ("X-Auth-Token: abcd", f"X-Auth-Token: {mask('abcd', 'token')}"),
    ("Cookie: a=bcd; e=f", f"Cookie: a={mask('bcd', 'cookie')}; e={mask('f', 'cookie')}"),
    ("card_number=4111-1111-1111-1111", f"card_number={mask('4111111111111111', 'card')}"),
])
def test_secrets_in_text_are_masked(text: str, expected: str) -> None:
    """Known values, logins in URLs and values under secret names are masked or removed, in any notation."""
    assert masker({"BANK_API_KEY": "sk-live-123456"}).text(text) == expected


@pytest.mark.parametrize("text", [
    "abc in /home/ana", "card 4111 1111 1111 1111 was used", "reference 4111111111111111 stays", "at 1700000000004 ms",
    "Wrong password: try again", "The token is missing.", "boarding_pass=12B, compass=NE", "token_type=bearer&max_tokens=100",
    "password=None, token=null, has_password=true", 'TOKENIZER="fast" PASSENGER_APP_ENV=production', "https://shop/#/reset-password",
    "a@b.example, mailto:a@b.example", 'integrity="sha256-abcPin="', "pan=4, considered: 3", 'a <input id="token"> b',
    "if (token == x) { password.focus() }", "10:30 key: left", "***", "password=", "<label for='password'>Password</label>",
])
def test_harmless_text_is_unchanged(text: str) -> None:
    """Text that only resembles or mentions a secret is unchanged, in logs and in bodies."""
    known = masker({"BANK_API_KEY": "sk-live-123456"})
    assert known.text(text) == text
    assert known.body(text, "text/plain") == text


@pytest.mark.parametrize(("name", "kind"), [
    ("password", "password"), ("newPassword", "password"), ("passwordconfirmation", "password"), ("pwd", "password"),
    ("pass", "password"), ("client_secret", "secret"), ("accessToken", "token"), ("csrf_token", "token"), ("jwt", "token"),
    ("X-Api-Key", "key"), ("apikey", "key"), ("privateKey", "key"), ("Ocp-Apim-Subscription-Key", "key"), ("sid", "session"),
    ("session_id", "session"), ("sessionId", "session"), ("JSESSIONID", "session"), ("pin", "code"), ("card_pin", "code"),
    ("otp", "code"), ("cvc", "code"), ("cvv2", "code"), ("securityCode", "code"), ("user[password]", "password"),
    ("card", "card"), ("card_number", "card"), ("cardNumber", "card"), ("pan", "card"), ("credit-card", "card"), ("ccnumber", "card"),
    *((name, None) for name in (
        "passenger", "compass", "boarding_pass", "tokenizer", "token_type", "max_tokens", "password_min_length", "secretary",
        "spinner", "pin_colour", "company", "key", "primary_key", "idempotency_key", "code", "session", "side", "passport",
        "card_holder", "card_last4", "cardinality", "author", "signature", "expires_in", "keyboard", "panel", "discard")),
])
def test_names(name: str, kind: str | None) -> None:
    """A name is secret because of its words, not because of its letters."""
    assert kind_of_name(name) == kind


@pytest.mark.parametrize(("name", "secret"), [
    ("DB_PASSWORD", True), ("GITHUB_TOKEN", True), ("API_KEY", True), ("BANK_KEY", True), ("DB_PASS", True), ("AWS_SECRET_ACCESS_KEY", True),
    ("JAEGER_AUTHORIZATION", True), ("PGPASSWORD", True), ("PASSENGER_APP_ENV", False), ("COMPASS_URL", False), ("TOKENIZER", False),
    ("PASSWORD_FILE", False), ("PUBLIC_KEY", False), ("SSH_AUTH_SOCK", False), ("MAX_TOKENS", False), ("KEYBOARD", False), ("PATH", False),
    ("PWD", False), ("OLDPWD", False), ("DB_PWD", True),
])
def test_secret_variables(name: str, secret: bool) -> None:
    """The value of an environment variable is masked if its name is secret."""
    assert (kind_of_variable(name) is not None) is secret
    assert is_masked(masker({name: "a-value-of-it"}).text("a-value-of-it")) is secret


@pytest.mark.parametrize(("name", "secret"), [
    *((name, True) for name in ("X-Auth", "X-Auth-Token", "X-Session-Id", "Ocp-Apim-Subscription-Key", "Any-Signature", "X-Hub-Signature-256",
                                "X-CSRF-Token", "X-Shopify-Access-Token", "x-amz-security-token")),
    *((name, False) for name in ("Access-Control-Allow-Credentials", "WWW-Authenticate", "Sec-WebSocket-Key", "ETag", "Idempotency-Key")),
])
def test_secret_headers(name: str, secret: bool) -> None:
    """Headers are secret because of the words in their names, whichever product defines them."""
    assert (kind_of_header(name) is not None) is secret
    assert is_masked(MASKER.header(name, "whatever")) is secret


def test_selectors_of_secret_fields() -> None:
    """The selector with which a step locates a field shows whether its value is secret."""
    assert kind_of_selector('internal:label="Card number"i') == "card"
    assert kind_of_selector("#cc-number") == "card"
    assert kind_of_selector('internal:role=textbox[name="Password"i]') == "password"
    assert kind_of_selector('internal:label="Passengers"i') is None


ENVIRONMENT = Environment.model_validate({
    "url": "http://ana-user:url-password@shop", "services": {"gds-api": {
        "url": "http://gds-api:gds-password@gds", "health": "/health?token=health-token", "openapi": "http://x/?api_key=openapi-key"}},
    "third_parties": {"bank": {"url": "http://bank", "key": "bank-key-1"}},
    "traces": {"tempo": "http://tempo", "authorization": "Bearer trace-token"}})


def test_secrets_of_an_environment_are_known() -> None:
    """Configured keys, users and passwords of URLs, and secret query members are known. Component names are not."""
    kinds = secrets_of(ENVIRONMENT, {"GONOGO_HISTORY": "postgresql://gate:history-password@db/x"}).kinds
    assert kinds == {
        "bank-key-1": "key", "trace-token": "token", "Bearer trace-token": "token", "ana-user": "user", "url-password": "password",
        "gds-password": "password", "health-token": "token", "openapi-key": "key", "history-password": "password"}


def test_repr_contains_no_secrets() -> None:
    secrets = secrets_of(ENVIRONMENT, {})
    assert "bank-key" not in repr(secrets) + repr(masker_for(ENVIRONMENT, {}))


@pytest.mark.parametrize(("value", "masked"), [
    ("true", False), ("disabled", False), ("12345", False), ("admin", False), ("a1b2", True), ("hunter2", True)])
def test_short_and_common_values_are_not_secrets(value: str, masked: bool) -> None:
    """Harmless text contains such values. A short one with letters and digits is masked only as a separate word."""
    known = masker({"A_PASSWORD": value})
    assert is_masked(known.text(f"it is {value}.")) is masked
    assert known.text(f"x{value[:4]}x") == f"x{value[:4]}x"


def test_a_key_of_several_lines_is_masked_line_by_line() -> None:
    """A log may show each line of the key separately."""
    key = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0B\nAQEFAASCBKcwggSjAgEAAoIB\n-----END PRIVATE KEY-----"
    masked = masker({"SIGNING_KEY": key}).text(f"1 {key}\n2 > MIIEvQIBADANBgkqhkiG9w0B")
    assert "MIIEv" not in masked and "AQEFA" not in masked


def test_equal_values_have_equal_masks_under_one_key() -> None:
    """Equal values have equal masks, in all forms and under all names. With another key the masks differ."""
    known = masker({"A_TOKEN": "the-token"})
    assert known.header("X-Auth", "the-token") == known.text("the-token") == mask("the-token", "token")
    assert known.header("Authorization", "Basic " + base64.b64encode(b"ana:the-token").decode()) == f"Basic {mask('the-token', 'token')}"
    assert known.header("Cookie", "a=the%2Dtoken") == f"a={mask('the-token', 'token')}"
    assert MASKER.mask("a", "token") != MASKER.mask("b", "token") != Masker(key=new_mask_key()).mask("b", "token")
    assert masker_for(None, {MASK_KEY: KEY.hex()}).mask("b", "token") == mask("b", "token")
    assert is_masked(f"a {mask('b', 'token')}.") and not is_masked("a *** b ***token:12")


def test_mask_key_is_a_secret_itself() -> None:
    """A suite may print its environment, which contains the key."""
    known = masker()
    assert known.variables[MASK_KEY] not in known.text(f"key: {known.variables[MASK_KEY]}")


def test_json_body() -> None:
    """Secret members are masked at any depth; other members are unchanged."""
    body = ('{"email": "a@b.c", "password": "hunter22", "card": {"number": "4111111111111111", "cvc": "123", "brand": "visa"},'
            ' "l": [1], "fields": [{"name": "token", "value": "abc"}, {"name": "page", "value": "2"}], "card_number": "tok_visa",'
            ' "headers": {"Authorization": "Bearer abc"}, "query": "{ login(password: \\"abc\\") }", "tokens": ["abc", 7]}')
    assert json.loads(MASKER.body(body, "application/json")) == {
        "email": "a@b.c", "password": mask("hunter22", "password"), "card": {
            "number": mask("4111111111111111", "card"), "cvc": mask("123", "code"), "brand": "visa"}, "l": [1],
        "fields": [{"name": "token", "value": mask("abc", "token")}, {"name": "page", "value": "2"}], "card_number": "tok_visa",
        "headers": {"Authorization": f"Bearer {mask('abc', 'token')}"}, "query": f'{{ login(password: "{mask("abc", "password")}") }}',
        "tokens": [mask("abc", "token"), mask("7", "token")]}


def test_card_number_is_known_after_it_was_masked_once() -> None:
    """It is masked in all forms, wherever it occurs. Other numbers are not masked, even with a valid check digit."""
    known = masker()
    assert "4111" in known.text("4111 1111 1111 1111")
    known.body('{"payment": {"cardNumber": 4111111111111111}}', "application/json")
    card = mask("4111111111111111", "card")
    for form in ("4111111111111111", "4111 1111 1111 1111", "4111-1111-1111-1111", "4111+1111+1111+1111"):
        assert known.text(f"x {form} y") == f"x {card} y"
    assert known.text("54111111111111111 5500000000000004") == "54111111111111111 5500000000000004"
    assert known.learned.kinds == {"4111111111111111": "card"}
    assert known.extended(Secrets({"typed-text": "password"})).text("typed-text") == mask("typed-text", "password")
    assert known.text("typed-text") == "typed-text"


def test_form_body_and_url() -> None:
    """Secret form and query members are masked; the user and password of a URL are removed."""
    assert MASKER.body("code=1&otp=123456", "application/x-www-form-urlencoded") == f"code=1&otp={mask('123456', 'code')}"
    assert MASKER.url("https://u:p@shop/a?token=xyz&page=2") == f"https://shop/a?token={mask('xyz', 'token')}&page=2"


@pytest.mark.parametrize(("name", "value", "expected"), [
    ("Authorization", "Bearer eyJhbGciOi.J9.x", f"Bearer {mask('eyJhbGciOi.J9.x', 'token')}"),
    ("Authorization", "whatever", mask("whatever", "token")),
    ("Cookie", "session=abc; seen=1", f"session={mask('abc', 'cookie')}; seen={mask('1', 'cookie')}"),
    ("Set-Cookie", "sid=abc; Path=/; HttpOnly; SameSite=Lax", f"sid={mask('abc', 'session')}; Path=/; HttpOnly; SameSite=Lax"),
    ("Access-Control-Allow-Credentials", "true", "true"),
    ("Location", "https://shop/cb?token=abc&page=2#access_token=abc",
     f"https://shop/cb?token={mask('abc', 'token')}&page=2#access_token={mask('abc', 'token')}"),
    ("Referer", "https://shop/#/reset-password", "https://shop/#/reset-password"),
    ("Location", "http://[broken", "http://[broken"),
    ("Content-Type", "application/json", "application/json"),
])
def test_header_keeps_its_format(name: str, value: str, expected: str) -> None:
    """A cookie keeps its name and attributes, a login its scheme, and an address its path."""
    assert MASKER.header(name, value) == expected


@pytest.mark.parametrize("body", [
    '{"amount": 10.50, "id":123456789012345678901,"at": 1700000000004, "note":"\\u00e9"}',
    '{"has_password": true, "token": null}',
    '{"reference": 4111111111111111}',
])
def test_body_without_secrets_is_unchanged(body: str) -> None:
    """A body that is compared later must not be rewritten here."""
    assert masker().body(body, "application/json") == body


@pytest.mark.parametrize(("mime", "body", "expected"), [
    ("text/plain", '{"password": "a,b", "cvc": 123}', f'{{"password": "{mask("a,b", "password")}", "cvc": "{mask("123", "code")}"}}'),
    ("application/json", '{"key": "sk-live-123456"', f'{{"key": "{KEYED}"'),
    ("application/json", '{"tokens": ["abc", 7], "ok": 1', f'{{"tokens": ["{mask("abc", "token")}", "{mask("7", "token")}"], "ok": 1'),
    ("application/json", '{"password": "a\\"b", "cvc": 123, "pin', f'{{"password": "{mask(chr(97) + chr(34) + "b", "password")}", "cvc": {mask("123", "code")}, "pin'),
    ("text/xml", "<s:Password type='x'>hunter2</s:Password>", f"<s:Password type='x'>{mask('hunter2', 'password')}</s:Password>"),
    ("text/xml", "<Pin><![CDATA[47&11]]></Pin>", f"<Pin>{mask('47&11', 'code')}</Pin>"),
    ("text/xml", '<login user="ana" password="a&amp;b"/>', f'<login user="ana" password="{mask("a&b", "password")}"/>'),
    ("text/html", '<input type="hidden" name="csrf_token" value="abc">', f'<input type="hidden" name="csrf_token" value="{mask("abc", "token")}">'),
    ("text/html", "<input value=abc type=password>", f"<input value={mask('abc', 'password')} type=password>"),
    ("text/html", '<meta content="abc" name="csrf-token">', f'<meta content="{mask("abc", "token")}" name="csrf-token">'),
    ("text/html", '<a href="/x?sid=abc&amp;b=1">', f'<a href="/x?sid={mask("abc", "session")}&amp;b=1">'),
    ("multipart/form-data; boundary=b", '--b\r\nContent-Disposition: form-data; name="password"\r\n\r\nhunter2\r\n--b--',
     f'--b\r\nContent-Disposition: form-data; name="password"\r\n\r\n{mask("hunter2", "password")}\r\n--b--'),
])
def test_secret_members_of_other_bodies(mime: str, body: str, expected: str) -> None:
    """Secrets are also masked in beacons, truncated JSON, XML, HTML and multipart forms."""
    assert MASKER.body(body, mime) == expected
    assert MASKER.body(expected, mime) == expected


def test_files_are_written_masked(tmp_path) -> None:  # type: ignore[no-untyped-def]
    """A picture that is embedded in a page is unchanged."""
    picture = "data:image/png;base64," + base64.b64encode(b"sk-live-123456").decode()
    write_whole(tmp_path / "a", f"sk-live-123456 {picture}", MASKER)
    write_json(tmp_path / "b", {"sk-live-123456": ["a sk-live-123456", 1, None]}, MASKER)
    assert (tmp_path / "a").read_text() == f"{KEYED} {picture}"
    assert json.loads((tmp_path / "b").read_text()) == {KEYED: [f"a {KEYED}", 1, None]}


def test_a_masker_can_be_sent_to_another_process() -> None:
    """Workers mask in the same way as their runner."""
    again = pickle.loads(pickle.dumps(MASKER))
    assert again.text("sk-live-123456") == KEYED


@pytest.mark.parametrize("size", [1, 7, 64, 100_000])
def test_stream_is_masked_for_every_chunk_size(size: int) -> None:
    """An incomplete line is held back until its end; bytes that are not text become replacement characters."""
    raw = b"a sk-live-123456 b\n\xff\xfe password='x y'\r\nlast sk-live-" + b"123456"
    lines = LineMasker(MASKER)
    out = b"".join(lines.feed(raw[at:at + size]) for at in range(0, len(raw), size)) + lines.end()
    assert out == f"a {KEYED} b\n".encode() + f"\ufffd\ufffd password='{mask('x y', 'password')}'\nlast {KEYED}".encode()


def test_very_long_line_is_masked_everywhere() -> None:
    """The line is written in pieces, and no piece ends within a secret."""
    lines = LineMasker(MASKER)
    raw = b"".join(b"x" * (997 + number % 13) + b"sk-live-123456" for number in range(1500))
    out = b"".join(lines.feed(raw[at:at + 65_536]) for at in range(0, len(raw), 65_536))
    assert len(out) > 1_000_000  # it did not wait for the end of the line
    out += lines.end()
    assert b"sk-live" not in out and out.count(KEYED.encode()) == 1500


def test_five_megabytes_are_masked_in_seconds() -> None:
    """There are fifty known values. A hostile body must not stall the gate."""
    known = masker({f"V{number}_TOKEN": f"value-{number}-{'ab/+&' * 4}" for number in range(50)})
    row = {"id": 4711, "name": "Ana Müller", "text": "the quick brown fox " * 4, "href": "https://x/y?z=1", "key": "k"}
    text = json.dumps([row] * 30_000) + "value-7-" + "ab/+&" * 4
    assert len(text) > 5_000_000
    began = time.monotonic()
    assert is_masked(known.text(text))
    assert time.monotonic() - began < 10  # measured: 0.9 s
    for evil in ('token="' * 100_000, "<token>" * 100_000, "http://" * 100_000, "a" * 1_000_000, '"password": ' * 50_000, "\\" * 1_000_000):
        known.body(evil, "text/html")
    assert time.monotonic() - began < 30
