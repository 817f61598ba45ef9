// The front end's start: its parts put together.

import { Airports } from "./airports.js";
import { createApi } from "./api.js";
import { renderHeader } from "./header.js";
import { startNavigation } from "./navigation.js";
import { Session } from "./session.js";
import { bookView } from "./views/book.js";
import { bookingView } from "./views/booking.js";
import { bookingsView } from "./views/bookings.js";
import { homeView } from "./views/home.js";
import { resultsView } from "./views/results.js";
import { signInView } from "./views/sign_in.js";
import { signUpView } from "./views/sign_up.js";

const ROUTES = [
  { pattern: "/", view: homeView },
  { pattern: "/search", view: resultsView },
  { pattern: "/book/:flightId", view: bookView, needsSession: true },
  { pattern: "/bookings", view: bookingsView, needsSession: true },
  { pattern: "/bookings/:bookingId", view: bookingView, needsSession: true },
  { pattern: "/sign-in", view: signInView },
  { pattern: "/sign-up", view: signUpView },
];

const header = document.getElementById("header");
const api = createApi(fetch.bind(window));
const session = new Session(api, drawHeader);
const context = { api, session, locale: navigator.language, airports: once(loadAirports) };

function drawHeader() {
  renderHeader(header, session.customer, location.pathname, signOut);
}

async function signOut() {
  try {
    await session.signOut();
  } catch (error) {
    context.announce(error.message);
    return;
  }
  await context.go("/");
}

async function loadAirports() {
  return new Airports((await api.airports()).airports);
}

/** Remember the first answer of `load`; a failure is forgotten, so that the next page asks again. */
function once(load) {
  let answer = null;
  return () => {
    answer ??= load().catch((error) => {
      answer = null;
      throw error;
    });
    return answer;
  };
}

await session.load();
await startNavigation({
  context,
  routes: ROUTES,
  main: document.getElementById("main"),
  status: document.getElementById("status"),
  onArrival: drawHeader,
});
