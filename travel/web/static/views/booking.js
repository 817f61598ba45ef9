// One booking: waits for the bank, shows what came of it, and lets the traveller cancel.

import { descriptions, h } from "../dom.js";
import { setBusy } from "../form.js";
import { formatMoney } from "../money.js";
import { poll } from "../poll.js";
import { progressKey, progressOf } from "../progress.js";
import { bookPath } from "../search.js";
import { flightEnds } from "./flight_times.js";

export async function bookingView(context, { params: { bookingId }, path, signal }) {
  const { api, airports, locale, redraw } = context;
  const [places, first] = await Promise.all([airports(), api.booking(bookingId)]);
  let shown = first;

  const draw = () => bookingPage(shown, { places, locale, onCancel: cancel });

  /** Show a newer answer where it says something new; true once no other can come. */
  function update(booking) {
    const changed = progressKey(booking) !== progressKey(shown);
    shown = booking;
    if (changed) redraw(draw());
    return !progressOf(booking, locale).moving;
  }

  async function follow() {
    const end = await poll({ ask: () => api.booking(bookingId), onAnswer: update, signal });
    if (end === "tired") redraw(tiredPage(draw(), path));
  }

  async function cancel() {
    const answer = await api.cancel(bookingId);
    if (!signal.aborted && !update(answer)) follow();
  }

  if (progressOf(first, locale).moving) follow();
  return draw();
}

function bookingPage(booking, { places, locale, onCancel }) {
  const progress = progressOf(booking, locale);
  return {
    heading: progress.heading,
    content: [
      h("p", { class: `lead ${booking.status}` }, progress.text),
      progress.challengeUrl && h("p", {}, h("a", { class: "button", href: progress.challengeUrl }, "Continue to your bank")),
      progress.canRetry && h("p", {}, h("a", { class: "button", href: retryPath(booking) }, "Try again")),
      h("section", { class: "card", "aria-label": "Booking details" }, ...details(booking, places, locale)),
      ...(progress.canCancel ? cancellation(booking, locale, onCancel) : []),
    ].filter(Boolean),
  };
}

function details(booking, places, locale) {
  const reference = booking.locator
    ? [["Booking reference", h("strong", { "data-testid": "locator", class: "locator" }, booking.locator)]]
    : [];
  return [
    descriptions([
      ...reference,
      ["Flight", `${booking.flight.number} ${places.route(booking.flight)}`],
      ...flightEnds(booking.flight, places, locale),
      ["Passengers", h("ul", { role: "list" }, ...booking.passengers.map(passengerItem))],
      ["Price", formatMoney(booking.price, locale)],
    ]),
  ];
}

function passengerItem({ given_name, family_name, seat }) {
  return h("li", {}, `${given_name} ${family_name}, seat ${seat}`);
}

/** A button that asks first; the dialog's own buttons say what they do. */
function cancellation(booking, locale, onCancel) {
  const alert = h("div", { role: "alert", class: "errors" });
  const open = h("button", { type: "button", class: "danger", click: () => dialog.showModal() }, "Cancel booking");
  const yes = h("button", { type: "button", class: "danger", click: confirm }, "Yes, cancel and refund");
  const no = h("button", { type: "button", class: "quiet", click: () => dialog.close() }, "Keep booking");
  const dialog = h("dialog", { "aria-labelledby": "cancel-title" },
    h("h2", { id: "cancel-title" }, "Cancel this booking?"),
    h("p", {}, `Your seats are given back and you get ${formatMoney(booking.price, locale)} back.`),
    h("div", { class: "buttons" }, yes, no));

  async function confirm() {
    setBusy(yes, true);
    try {
      await onCancel();
    } catch (error) {
      alert.replaceChildren(h("p", {}, error.message));
    } finally {
      setBusy(yes, false);
      dialog.close();
    }
  }

  return [alert, h("p", {}, open), dialog];
}

function tiredPage(page, path) {
  const note = "This takes longer than usual. You can leave this page: we will write to you by email.";
  const [lead, ...rest] = page.content;
  return { ...page, announcement: note, content: [lead, h("p", {}, h("a", { href: path }, "Check again")), ...rest] };
}

function retryPath(booking) {
  return bookPath(booking.flight.id, { passengers: booking.passengers.length, currency: booking.price.currency });
}
