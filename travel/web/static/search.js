// A search for flights: the form's values, the page's address and the question to the service are one thing.

import { CURRENCIES, currencyForLocale } from "./money.js";

export const MAX_PASSENGERS = 4;

/** The search in an address' query, with defaults where it says nothing. */
export function searchFrom(query, locale) {
  const currency = query.get("currency");
  return {
    from: query.get("from") ?? "",
    to: query.get("to") ?? "",
    date: query.get("date") ?? "",
    passengers: passengersIn(query),
    currency: CURRENCIES.includes(currency) ? currency : currencyForLocale(locale),
  };
}

/** 1 to 4, whatever an address says. */
function passengersIn(query) {
  const number = Number(query.get("passengers"));
  return Number.isInteger(number) && number >= 1 && number <= MAX_PASSENGERS ? number : 1;
}

/** Errors by field; the date is compared as written, so no time zone can move it. */
export function searchErrors({ from, to, date }, today) {
  const errors = {};
  if (!from) errors.from = "Choose where you fly from.";
  if (!to) errors.to = "Choose where you fly to.";
  else if (to === from) errors.to = "Choose two different airports.";
  if (!/^\d{4}-\d{2}-\d{2}$/.test(date)) errors.date = "Choose a date.";
  else if (date < today) errors.date = "Choose a date that is not in the past.";
  return errors;
}

export function searchQuery({ from, to, date, passengers, currency }) {
  return new URLSearchParams({ from, to, date, passengers: String(passengers), currency }).toString();
}

export const searchPath = (search) => `/search?${searchQuery(search)}`;

/** The address of the form that books a flight. */
export function bookPath(flightId, { passengers, currency }) {
  return `/book/${encodeURIComponent(flightId)}?${new URLSearchParams({ passengers: String(passengers), currency })}`;
}
