// The traveller's own bookings, newest first.

import { localDate } from "../dates.js";
import { h } from "../dom.js";
import { PAGE_SIZE, pageFrom, pageLinks } from "../paging.js";
import { statusLabel } from "../progress.js";

export async function bookingsView({ api, airports, locale }, { query }) {
  const page = pageFrom(query);
  const [places, answer] = await Promise.all([airports(), api.bookings(page, PAGE_SIZE)]);
  return {
    heading: "My bookings",
    content: answer.total === 0
      ? [h("p", { class: "card" }, "You have no bookings yet.")]
      : [list(answer.bookings, places, locale), pages({ page, pages: answer.pages })],
  };
}

function list(bookings, places, locale) {
  return h("ul", { role: "list", "aria-label": "Bookings", class: "cards" },
    ...bookings.map((booking) => bookingItem(booking, places, locale)));
}

function bookingItem({ id, locator, status, flight }, places, locale) {
  return h("li", { class: "card row" },
    h("div", {},
      h("a", { href: `/bookings/${id}` }, `${locator ?? "No reference"} – ${flight.number} ${places.route(flight)}`),
      h("span", { class: "where" }, localDate(flight.departure, locale))),
    h("span", { class: `badge ${status}` }, statusLabel(status)),
  );
}

function pages(position) {
  const { text, previous, next } = pageLinks(position);
  const link = (page, label) => page && h("a", { href: `/bookings?page=${page}` }, label);
  return h("nav", { "aria-label": "Pages", class: "pages" },
    link(previous, "Previous page"), h("span", {}, text), link(next, "Next page"));
}
