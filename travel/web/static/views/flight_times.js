// Departure and arrival as pairs of a description list.

import { h } from "../dom.js";
import { endsOf } from "../flight.js";

export function flightEnds(flight, airports, locale) {
  const { departs, arrives } = endsOf(flight, airports, locale);
  return [["Departs", ...end(departs)], ["Arrives", ...end(arrives)]];
}

function end({ iso, time, mark, date, place }) {
  return [
    h("time", { datetime: iso, class: "clock" }, time),
    mark ? h("span", { class: "mark" }, ` ${mark}`) : null,
    h("span", { class: "where" }, place),
    h("span", { class: "where" }, date),
  ];
}
