"""Flights over HTTP. Rules live in `search`, `timetable` and `money`."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Flask, Response, jsonify, request

from travel.chassis import Neighbour, Problem, Settings, create_service
from travel.flights.cache import Cache
from travel.flights.money import Rates
from travel.flights.search import read_search
from travel.flights.timetable import Timetable


def create_app(settings: Settings) -> Flask:
    gds = Neighbour("gds", settings["gds_url"], timeout_s=float(settings["gds_timeout_s"]),
                    attempts=int(settings["gds_attempts"]),
                    headers={"X-Api-Key": settings["gds_api_key"]})
    app = create_service(settings, [gds])
    rates = Rates(settings["currencies"])
    entries = int(settings["cache_entries"])
    timetable = Timetable(gds, rates, cache=Cache(float(settings["cache_ttl_s"]), entries),
                          airports_cache=Cache(float(settings["airports_ttl_s"]), entries))

    @app.get("/airports")
    def airports() -> Response:
        return jsonify(airports=list(timetable.airports().values()))

    @app.get("/flights")
    def search() -> Response:
        wish = read_search(request.args, timetable.airports(), rates.currencies, datetime.now(UTC))
        flights = timetable.search(wish.origin, wish.destination, wish.day, wish.passengers, wish.currency)
        return jsonify(flights=flights, currency=wish.currency)

    @app.get("/flights/<flight_id>")
    def flight(flight_id: str) -> Response:
        currency = request.args.get("currency", "EUR")
        if currency not in rates.currencies:
            raise Problem(422, "invalid-search", "The search is not valid.",
                          errors={"currency": f"Choose one of {', '.join(rates.currencies)}."})
        return jsonify(timetable.flight(flight_id, currency))

    @app.get("/flights/<flight_id>/seats")
    def seats(flight_id: str) -> Response:
        answer = jsonify(seats=timetable.seats(flight_id))
        answer.headers["Cache-Control"] = "no-store"
        return answer

    return app
