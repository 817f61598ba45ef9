// What a traveller reads about a flight, apart from how it is laid out.

import { dayMark, daysBetween, localDate, localTime } from "./dates.js";

/** The two ends of a flight, each on its airport's clock. `mark` is "+1 day" where the date differs. */
export function endsOf(flight, airports, locale) {
  return {
    departs: {
      iso: flight.departure, time: localTime(flight.departure), mark: "",
      date: localDate(flight.departure, locale), place: airports.label(flight.from),
    },
    arrives: {
      iso: flight.arrival, time: localTime(flight.arrival), mark: dayMark(daysBetween(flight.departure, flight.arrival)),
      date: localDate(flight.arrival, locale), place: airports.label(flight.to),
    },
  };
}

export function seatsText(seatsLeft) {
  if (seatsLeft === 0) return "Sold out";
  return `${seatsLeft} ${seatsLeft === 1 ? "seat" : "seats"} left`;
}

/** "3 flights found." for the status region. */
export function foundText(count) {
  return count === 1 ? "1 flight found." : `${count} flights found.`;
}
