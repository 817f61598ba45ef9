"""The endpoints that a persona requests, read from its source code."""

from __future__ import annotations

from typing import Any

import pytest

from gonogo.load.endpoints import endpoints_of


class Agency:
    client: Any
    tasks: tuple[object, ...] = ()

    def search(self) -> None:
        self.client.get("/flights?x=1", name="/flights")

    def pay(self) -> None:
        with self.client.post("/pay", name="/pay", catch_response=True):
            self.look_again()

    def look_again(self) -> None:
        self.client.get("/bookings")

    def never_called(self) -> None:
        self.client.get("/never", name="/never")

    def on_start(self) -> None:
        self.client.get("/airports", name="/airports")


class Visitor(Agency):
    def visit(self) -> None:
        self.search()
        self.pay()


class Starter(Agency):
    def on_start(self) -> None:
        super().on_start()
        self.client.request("GET", "/hello")


class Computing(Agency):
    def visit(self) -> None:
        for page in range(3):
            self.client.get(f"/pages/{page}")


class Circular(Agency):
    def visit(self) -> None:
        self.client.get("/a", name="/a")
        self.visit()


def of_tasks(persona: type[Agency], *tasks: object) -> type[Agency]:
    persona.tasks = tasks
    return persona


CASES = {
    "a visit that calls other methods": (Visitor, True, {"/flights", "/pay", "/bookings"}),
    "a visit that calls itself, without uncalled methods": (Circular, True, {"/a"}),
    "a closed loop: tasks and on_start, with inherited code": (
        of_tasks(Starter, Agency.search), False, {"/airports", "/hello", "/flights"}),
}


@pytest.mark.parametrize("persona, is_open, endpoints", CASES.values(), ids=CASES.keys())
def test_endpoints(persona: type[Agency], is_open: bool, endpoints: set[str]) -> None:
    found = endpoints_of(persona, is_open=is_open)
    assert (found.endpoints, found.unknown) == (endpoints, set())


def test_a_computed_name_is_not_guessed() -> None:
    found = endpoints_of(Computing, is_open=True)
    assert found.endpoints == set()
    assert "Computing.visit" in found.unknown.pop()


def test_a_task_set_is_not_guessed() -> None:
    class Nested:
        pass

    assert endpoints_of(of_tasks(Computing, Nested), is_open=False).unknown


class Json(Agency):
    def visit(self) -> None:
        with self.rest("GET", "/a"), self.rest("POST", "/b?x=1", name="/b"):  # type: ignore[attr-defined]
            self.client.get(url="/c")
            self.client.request("GET", "/d?x=1", "/d")
            self.client.cookiejar.clear()


def test_every_way_to_name_a_request_is_read() -> None:
    found = endpoints_of(Json, is_open=True)
    assert (found.endpoints, found.unknown) == ({"/a", "/b", "/c", "/d"}, set())


class OtherName(Agency):
    def visit(self) -> None:
        http = self.client
        http.get("/x")


class Renaming(Agency):
    def visit(self) -> None:
        with self.client.rename_request("/x"):
            self.client.get("/x?page=1")


class RenamingByAttribute(Agency):
    def visit(self) -> None:
        self.client.request_name = "/x"
        self.client.get("/x?page=1")


class Helped(Agency):
    def visit(self) -> None:
        Agency.search(self)


class HelpedByAProperty(Agency):
    @property
    def api(self) -> Any:
        return self.client

    def visit(self) -> None:
        self.api.get("/x")


class OwnEvents(Agency):
    environment: Any

    def visit(self) -> None:
        self.environment.events.request.fire(request_type="GRPC", name="/x")


class OwnClient(Agency):
    client = object()


class Unpacking(Agency):
    def visit(self) -> None:
        options = {"name": "/x"}
        self.client.get("/x?page=1", **options)


@pytest.mark.parametrize("persona", [
    OtherName, Renaming, RenamingByAttribute, Helped, HelpedByAProperty, OwnEvents, OwnClient, Unpacking])
def test_what_the_source_does_not_show_is_unknown(persona: type[Agency]) -> None:
    """An objective for `/x` is then checked by the run, not refused before it."""
    assert endpoints_of(persona, is_open=True).unknown
