"""Routes of the tap: it listens on loopback unless another address is named."""

from __future__ import annotations

import pytest

from gonogo.core.errors import UsageError
from gonogo.traffic.tap.routes import route_of, routes_of


@pytest.mark.parametrize(("listen", "address"), [
    ("8350", ("127.0.0.1", 8350)), (":8350", ("127.0.0.1", 8350)), ("0.0.0.0:8350", ("0.0.0.0", 8350)), ("[::1]:8350", ("::1", 8350)),
])
def test_route_listens_on_loopback_unless_told_otherwise(listen: str, address: tuple[str, int]) -> None:
    """Other machines reach the components through it."""
    route = route_of(f"caller=web,callee=customers,listen={listen},to=http://127.0.0.1:8302")
    assert (route.host, route.port) == address


@pytest.mark.parametrize("text", [
    "", "caller=web", "caller=web,callee=b,listen=0,to=http://a:1", "caller=web,callee=b,listen=²,to=http://a:1",
    "caller=web,callee=b,listen=65536,to=http://a:1", "caller=web,callee=b,listen=1,to=ftp://a", "caller=web,callee=b,listen=1,to=http://a/path",
    "caller=web,callee=b,listen=1,to=http://u:p@a", "caller=web,callee=b,listen=1,to=http://[::1", "caller=web,callee=b,listen=1,to=http://a,x=1",
])
def test_route_that_cannot_be_used_is_refused(text: str) -> None:
    """The error has an example."""
    with pytest.raises(UsageError) as refused:
        route_of(text)
    assert "caller=web,callee=customers" in refused.value.fix


def test_two_routes_on_one_address_are_refused() -> None:
    """Requests do not tell their caller: each pair needs its own."""
    with pytest.raises(UsageError, match="as another route does"):
        routes_of(["caller=a,callee=b,listen=1,to=http://c:1", "caller=d,callee=b,listen=127.0.0.1:1,to=http://c:1"])
