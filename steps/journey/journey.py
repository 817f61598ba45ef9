"""The journey that a scenario tells: its flight, its travellers, and the parties that they meet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from behave.runner import Context

from gonogo.steps.api import Api
from gonogo.steps.mail import assert_says
from gonogo.steps.mailpit import Mail
from gonogo.steps.memory import Memory
from gonogo.steps.waiting import eventually
from gonogo.suite import World
from steps.journey.drawn import Drawn
from steps.journey.traveller import Traveller
from steps.pages.booking_form import SEAT_TAKEN
from steps.pages.shop import Shop
from steps.parties.bank import Bank
from steps.parties.cards import APPROVED, Card
from steps.parties.front_door import FrontDoor
from steps.parties.passenger import Passenger
from steps.parties.reservations import FIRST_SEAT, Airport, Flight, Reservations
from steps.parties.shop_api import ShopApi

PARTY = (2, 4)  # people: the most for whom the shop takes one booking


@dataclass
class Journey(Memory):
    """The suite's object at `context.world.suite`; its fields are what steps share."""

    travellers: dict[str, Traveller] = field(default_factory=dict)
    open_flight: Flight | None = None

    def __post_init__(self) -> None:
        self._world: World | None = None  # no field: a dump of the journey is not a dump of everything

    def set_in(self, world: World) -> None:
        self._world = world

    @property
    def world(self) -> World:
        assert self._world is not None
        return self._world

    @property
    def drawn(self) -> Drawn:
        """What the scenario does not say."""
        return Drawn(self.world.data)

    # the parties

    def traveller(self, name: str) -> Traveller:
        """The traveller called `name`, new to the shop when first named."""
        if name not in self.travellers:
            drawn = self.drawn
            self.emails[name] = drawn.email(name)
            self.travellers[name] = Traveller(
                name=name,
                full_name=drawn.account_name(name),
                email=self.emails[name],
                passenger=drawn.passenger(name),
                holder=drawn.holder(name),
                currency=drawn.currency(name),
                shop_api=ShopApi(self._api(self.world.environment.url)),
            )
        return self.travellers[name]

    def lose_email(self, name: str) -> None:
        """From now on the traveller's address is one that no mail reaches."""
        self.emails[name] = self.traveller(name).email = self.drawn.unreachable_email(name)

    def shop(self, name: str) -> Shop:
        """The shop in that person's browser."""
        return Shop(self.world.person(name).page, self.world.environment.url)

    def stranger(self) -> Api:
        """The public address, as a program meets it that nobody knows."""
        return self._api(self.world.environment.url)

    @property
    def front_door(self) -> FrontDoor:
        return FrontDoor(self.stranger())

    @property
    def bank(self) -> Bank:
        return Bank(self._api(self.world.environment.third_parties["bank"].url))

    @property
    def reservations(self) -> Reservations:
        listed = ShopApi(self.stranger()).airports()
        airports = {each["city"]: Airport(each["city"], each["code"], each["time_zone"]) for each in listed}
        return Reservations(self._api(self.world.environment.third_parties["gds"].url), airports)

    # deeds

    @property
    def flight(self) -> Flight:
        assert self.open_flight is not None, "no step has given the scenario a flight"
        return self.open_flight

    def open_any_flight(self, **wishes: int | str) -> None:
        """On a drawn route. A search can find more there: scenarios that search say from where to where."""
        origin, destination = self.drawn.route(self.reservations.cities)
        self.open_flight_between(origin, destination, **wishes)

    def open_flight_between(self, origin: str, destination: str, **wishes: int | str) -> None:
        """The scenario's flight, alone on its day and route. Fare and departure are drawn if they are no `wishes`."""
        drawn: dict[str, int | str] = {"fare": self.drawn.fare(), "departure_time": self.drawn.departure_time(),
                                       "earliest_date": self.drawn.day().isoformat()}
        self.open_flight = self.reservations.open_flight(origin, destination, **{**drawn, **wishes})

    def sign_in(self, name: str) -> Traveller:
        """With an account of their own, and without the sign-in page: the session goes into the browser."""
        traveller = self.traveller(name)
        if not traveller.has_account:
            traveller.open_account()
        self.world.person(name).context.add_cookies([
            {"name": cookie, "value": value, "url": self.world.environment.url, "httpOnly": True, "sameSite": "Lax"}
            for cookie, value in traveller.shop_api.cookies.items()
        ])
        return traveller

    def prepare_booking(self, name: str, passengers: Sequence[Passenger] = (), card: Card = APPROVED) -> Shop:
        """The form is filled for the scenario's flight; nothing is paid yet."""
        traveller, shop = self.sign_in(name), self.shop(name)
        passengers = passengers or [traveller.passenger]
        shop.booking_form.open(self.flight, len(passengers))
        shop.booking_form.fill(passengers, card, traveller.holder)
        return shop

    def book(self, name: str, passengers: Sequence[Passenger] = (), card: Card = APPROVED) -> None:
        self.prepare_booking(name, passengers, card).booking_form.pay()

    def book_for_party(self, name: str, at_least: int, at_most: int) -> None:
        """One booking of so many people, each in a seat of their own."""
        seats = self.drawn.seats(name, self._free_seats(), at_least, at_most)
        self.traveller(name).party = self.drawn.passengers(name, seats)
        self.book(name, self.traveller(name).party)

    def choose_flight(self, name: str) -> None:
        """By a search, signed in."""
        self.sign_in(name)
        shop = self.shop(name)
        shop.search.search_for(self.flight)
        shop.results.choose(self.flight)
        shop.booking_form.assert_open(self.flight)

    def pay(self, name: str, card: Card) -> None:
        """With the traveller as the passenger, on the form as it is open."""
        traveller, form = self.traveller(name), self.shop(name).booking_form
        form.assert_open(self.flight)
        form.fill([traveller.passenger], card, traveller.holder)
        form.pay()

    def try_again(self, name: str, card: Card) -> None:
        self.shop(name).booking.try_again()
        self.pay(name, card)

    def pay_for_another_seat(self, name: str, seat: str) -> None:
        """After trying for a seat that somebody else has by now, and that is not offered again."""
        form = self.shop(name).booking_form
        form.pay()
        form.assert_told(SEAT_TAKEN)
        form.assert_offers_seats(ShopApi(self.stranger()).free_seats(self.flight.id))
        form.choose_seat(seat)
        form.pay()

    def make_bookings(self, name: str, number: int) -> None:
        """Each for a seat of its own on one flight, and none of them in a browser."""
        if self.open_flight is None:
            self.open_any_flight()
        self.sign_in(name).book_each(self.flight, self.drawn.passengers(name, self._free_seats()[:number]))

    def book_together(self, name: str, number: int) -> None:
        """One booking of that many seats, without a browser."""
        self.sign_in(name).book_together(self.flight, self.drawn.passengers(name, self._free_seats()[:number]))

    def book_seat(self, name: str, seat: str, card: Card = APPROVED) -> None:
        """For the traveller alone, without a browser."""
        traveller = self.sign_in(name)
        traveller.book_each(self.flight, [replace(traveller.passenger, seat=seat)], card)

    def book_only_seat(self, name: str, card: Card = APPROVED) -> None:
        """Of a new flight, without a browser; nobody else finds a seat on it."""
        self.open_any_flight(seats=1)
        self.book_last_seat(name, card)

    def book_last_seat(self, name: str, card: Card = APPROVED) -> None:
        """Of a flight with one seat, without a browser."""
        self.book_seat(name, FIRST_SEAT, card)
        self.assert_seats_free()

    def search(self, name: str, origin: str, destination: str, *, days: int) -> None:
        shop = self.shop(name)
        shop.search.open()
        shop.search.search(origin, destination, (date.today() + timedelta(days=days)).isoformat())

    def assert_one_has_the_seat(self, *names: str) -> None:
        """Of several who paid at once: one is confirmed, and the others are told that the seat is gone."""
        losers = [name for name in names if self.shop(name).booking_form.has_lost_the_seat()]
        assert len(losers) == len(names) - 1, f"told that the seat is gone: {losers} of {names}"

    def assert_bank_charged_one_of(self, *names: str) -> None:
        charged = self.bank.holders_charged([self.traveller(name).holder for name in names])
        assert len(charged) == 1, f"the bank has charged {charged}"

    def assert_seats_differ(self, *names: str) -> None:
        seats = [self.traveller(name).newest_booking()["passengers"][0]["seat"] for name in names]
        assert len(set(seats)) == len(names), f"seats of {names}: {seats}"

    def assert_seats_free(self, *seats: str) -> None:
        shop_api = ShopApi(self.stranger())
        eventually(lambda: shop_api.free_seats(self.flight.id), lambda free: free == list(seats),
                   what=f"the free seats of {self.flight.number} are {', '.join(seats) or 'none'}")

    def assert_mail_tells_all(self, name: str, mail: Mail) -> None:
        """Flight and airports, both local times, the reference and the price of the newest booking."""
        booking = self.traveller(name).newest_booking()
        price = f"{booking['price']['amount'] / 100:,.2f}"
        facts = [
            booking["locator"], self.flight.number, self.flight.origin.code, self.flight.destination.code,
            f"{self.flight.departure:%H:%M}", f"{self.flight.arrival:%H:%M}", price,
        ]
        missing = [fact for fact in facts if fact not in mail.text]
        assert not missing, f"the mail does not tell {missing}:\n{mail.text}"

    def assert_mail_names_party(self, name: str, mail: Mail) -> None:
        """Everyone for whom the traveller has booked, to the letter."""
        assert self.traveller(name).party, f"{name} has booked for no party"
        for passenger in self.traveller(name).party:
            assert_says(mail, passenger.full_name)

    def _free_seats(self) -> list[str]:
        return ShopApi(self.stranger()).free_seats(self.flight.id)

    def _api(self, url: str) -> Api:
        return Api(url, self.world.http)


def journey(context: Context) -> Journey:
    """The journey of the scenario that is running."""
    suite = context.world.suite
    assert isinstance(suite, Journey)
    suite.set_in(context.world)
    return suite
