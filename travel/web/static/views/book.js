// Passenger details, seats and payment, in one form.

import { bookingErrors, bookingRequest, freeSeats, newIdempotencyKey, refusedBooking, seatTakenErrors, surelyNotBooked,
} from "../booking_request.js";
import { durationText } from "../dates.js";
import { descriptions, h } from "../dom.js";
import { fillSelect, form, selectField, textField } from "../form.js";
import { formatMoney, times } from "../money.js";
import { searchFrom } from "../search.js";
import { flightEnds } from "./flight_times.js";

export async function bookView(context, { params: { flightId }, query, path }) {
  const { api, airports, locale, session, go, askToSignIn } = context;
  const { passengers: count, currency } = searchFrom(query, locale);
  const [places, flight, { seats }] = await Promise.all([
    airports(), api.flight(flightId, currency), api.seats(flightId),
  ]);
  const price = times(flight.price, count);
  const total = formatMoney(price, locale);
  let idempotencyKey = newIdempotencyKey();

  async function pay(values) {
    if (!session.customer) return askToSignIn(path);
    const request = bookingRequest(values, {
      flightId, count, currency, email: session.customer.email, language: document.documentElement.lang,
      total: price.amount,
    });
    const errors = bookingErrors(request);
    if (Object.keys(errors).length) return errors;
    try {
      const booking = await api.book(request, idempotencyKey);
      return go(`/bookings/${booking.id}`, { replace: true });
    } catch (error) {
      if (surelyNotBooked(error)) idempotencyKey = newIdempotencyKey();
      if (error.code === "not-signed-in") return askToSignIn(path);
      if (error.code === "seat-taken") return chooseAnotherSeat(request.passengers);
      return refusedBooking(error);
    }
  }

  async function chooseAnotherSeat(passengers) {
    const answer = await api.seats(flightId);
    passengers.forEach(({ seat }, index) => {
      fillSelect(element.elements[`passengers.${index}.seat`], seatOptions(answer.seats), seat);
    });
    return seatTakenErrors(passengers, answer.seats);
  }

  const element = form({ button: `Pay ${total}`, onSubmit: pay, class: "booking", autocomplete: "on" },
    ...Array.from({ length: count }, (_, index) => passengerFields(index, seats)),
    cardFields(),
    h("p", { class: "total" }, "Total ", h("strong", { "data-testid": "total" }, total)),
  );
  return {
    heading: `Book ${flight.number}`,
    content: [
      h("section", { class: "card", "aria-label": "Your flight" },
        h("h2", {}, places.route(flight)),
        descriptions([...flightEnds(flight, places, locale), ["Duration", durationText(flight.duration_min)]])),
      element,
    ],
  };
}

function passengerFields(index, seats) {
  const name = (field) => `passengers.${index}.${field}`;
  return h("fieldset", { class: "card" },
    h("legend", {}, `Passenger ${index + 1}`),
    textField("Given names", name("given_name"), { required: true, hint: "As in the passport." }),
    textField("Family name", name("family_name"), { required: true }),
    selectField("Seat", name("seat"), seatOptions(seats), { required: true }),
  );
}

function cardFields() {
  const digits = { inputmode: "numeric", required: true };
  return h("fieldset", { class: "card" },
    h("legend", {}, "Payment"),
    textField("Card number", "card.number", { ...digits, autocomplete: "cc-number" }),
    textField("Expiry (MM/YY)", "card.expiry", { required: true, autocomplete: "cc-exp" }),
    textField("Security code", "card.cvc", { ...digits, autocomplete: "cc-csc", hint: "The 3 or 4 digits on the card." }),
    textField("Name on card", "card.holder", { required: true, autocomplete: "cc-name" }),
  );
}

const seatOptions = (seats) => [["", "Choose a seat"], ...freeSeats(seats).map((seat) => [seat, seat])];
