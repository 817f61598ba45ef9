// The flights that a search found.

import { durationText, localDate } from "../dates.js";
import { descriptions, h } from "../dom.js";
import { foundText, seatsText } from "../flight.js";
import { formatMoney } from "../money.js";
import { bookPath, searchFrom, searchQuery } from "../search.js";
import { flightEnds } from "./flight_times.js";

export async function resultsView({ api, airports, locale }, { query }) {
  const search = searchFrom(query, locale);
  const [places, { flights }] = await Promise.all([airports(), api.flights(search)]);
  const items = flights.map((flight) => flightItem(flight, search, places, locale));
  return {
    heading: `Flights from ${places.city(search.from)} to ${places.city(search.to)}`,
    announcement: foundText(flights.length),
    content: [
      h("p", { class: "lead" }, `${localDate(search.date, locale)}, ${passengersText(search.passengers)}. `,
        h("a", { href: `/?${searchQuery(search)}` }, "Change search")),
      flights.length
        ? h("ul", { role: "list", "aria-label": "Flights", class: "cards" }, ...items)
        : h("p", { class: "card" }, "No flights found for this date."),
    ],
  };
}

function flightItem(flight, search, places, locale) {
  const enough = flight.seats_left >= search.passengers;
  return h("li", { class: "card flight" },
    h("h2", {}, flight.number),
    descriptions([
      ...flightEnds(flight, places, locale),
      ["Duration", durationText(flight.duration_min)],
      ["Seats", seatsText(flight.seats_left)],
      ["Price per passenger", h("strong", { class: "price" }, formatMoney(flight.price, locale))],
    ]),
    enough ? h("a", { class: "button", href: bookPath(flight.id, search) }, `Book ${flight.number}`) : null,
    flight.seats_left > 0 && !enough ? h("p", { class: "where" }, "Not enough seats for all of you.") : null,
  );
}

const passengersText = (count) => (count === 1 ? "1 passenger" : `${count} passengers`);
