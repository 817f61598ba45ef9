"""Which calls of the reference system go through its tap, and which addresses its components get."""

from __future__ import annotations

import re
from pathlib import Path

from travel.environments import PORT_OFFSETS, Environment
from travel.images import Image
from travel.tap import ALL, PAIRS, THIRD_PARTIES, command_for, tapped_pairs

TRAVEL = Path(__file__).parents[2] / "travel"
# The gateway sends browsers to the bank; the mailbox is called only for its health, and gets its mail over SMTP.
NOT_TAPPED = {("gateway", "bank"), ("notifications", "mailbox"), ("bank", "bank")}
WEBHOOKS = ("bank", "payments")


def told(environment: Environment, component: str) -> dict[str, str]:
    image = Image(component, "sha256:1", "sha256:2", "2026-01-01T00:00:00Z", Path("/nowhere"))
    return {name: value for name, value in environment.variables_for(image).items() if name.endswith("_URL")}


def test_every_neighbour_in_the_settings_is_tapped() -> None:
    """Calls to a neighbour that a component adds must be recorded too."""
    named = {(path.parent.name, name.lower()) for path in TRAVEL.glob("*/config.yml")
             for name in re.findall(r"\$\{(\w+)_URL", path.read_text(encoding="utf-8")) if name != "PUBLIC"}
    named = {WEBHOOKS if pair == ("payments", "payments") else pair for pair in named}

    assert named - NOT_TAPPED == set(PAIRS)


def test_without_a_tap_components_are_called_directly() -> None:
    environment = Environment("preprod", Path("/home"), 8300)

    assert told(environment, "bookings")["PAYMENTS_URL"] == "http://127.0.0.1:8305"
    assert command_for(environment, PORT_OFFSETS) == ""


def test_with_a_tap_each_caller_has_its_own_address_for_each_callee() -> None:
    environment = Environment("preprod", Path("/home"), 8300, tapped=ALL)
    pairs = {(pair.caller, pair.callee): pair for pair in tapped_pairs(environment)}

    assert len({pair.port for pair in pairs.values()}) == len(PAIRS)
    assert all(8330 < pair.port < 8400 for pair in pairs.values()), "within the environment's hundred, off the receiver"
    assert told(environment, "bookings")["PAYMENTS_URL"] == pairs["bookings", "payments"].url
    assert told(environment, "payments")["PAYMENTS_URL"] == pairs["bank", "payments"].url, "where webhooks are sent"
    assert told(environment, "gateway")["BANK_URL"] == "http://127.0.0.1:8309", "where browsers are sent"
    assert told(environment, "gateway")["PUBLIC_URL"] == "http://127.0.0.1:8300"


def test_tap_has_routes_only_between_running_components() -> None:
    environment = Environment("preprod", Path("/home"), 8300, tapped=ALL)

    assert command_for(environment, ["customers", "gds"]) == ""
    assert command_for(environment, ["gateway", "customers", "gds"]).count("--route") == 1
    assert "caller=gateway,callee=customers,listen=8341,to=http://127.0.0.1:8302" in command_for(environment, PORT_OFFSETS)


def test_tap_of_third_parties_leaves_all_other_calls_alone() -> None:
    environment = Environment("preprod", Path("/home"), 8300, tapped=THIRD_PARTIES)

    assert {(pair.caller, pair.callee) for pair in tapped_pairs(environment)} == {
        ("flights", "gds"), ("bookings", "gds"), ("payments", "bank"), ("bank", "payments")}
    assert told(environment, "bookings")["PAYMENTS_URL"] == "http://127.0.0.1:8305"
