// The states of a booking, and what its page says in each.

import { formatMoney } from "./money.js";

const NOT_CHARGED = "Your seat was given back. You were not charged.";

const STATES = {
  pending: {
    label: "Waiting for the bank",
    heading: "Waiting for your bank",
    text: () => "Your seat is held while your bank answers. This page shows the answer by itself.",
    moving: true,
  },
  challenge: {
    label: "Waiting for you",
    heading: "Your bank asks you to confirm",
    text: () => "Your bank wants to know that it is you. Your seat is held meanwhile.",
    moving: true,
  },
  confirmed: {
    label: "Confirmed",
    heading: "Booking confirmed",
    text: () => "We have sent the details by email.",
  },
  declined: { label: "Declined", heading: "Payment declined", text: () => NOT_CHARGED, retry: true },
  expired: { label: "Expired", heading: "Your bank did not answer", text: () => NOT_CHARGED, retry: true },
  cancelled: { label: "Cancelled", heading: "Booking cancelled", text: refundText },
};

/** {heading, text, moving, challengeUrl, canCancel, canRetry}; `moving` while another answer may come. */
export function progressOf(booking, locale) {
  const state = STATES[booking.status];
  return {
    heading: state.heading,
    text: state.text(booking, locale),
    moving: state.moving ?? refundIsOnItsWay(booking),
    challengeUrl: booking.status === "challenge" ? webAddress(booking.challenge_url) : null,
    canCancel: booking.status === "confirmed",
    canRetry: state.retry ?? false,
  };
}

/** "Confirmed", for the list of bookings. */
export function statusLabel(status) {
  return STATES[status].label;
}

/** What of a booking its page shows: while this stays, the page stays as it is. */
export function progressKey(booking) {
  return JSON.stringify([booking.status, booking.locator, booking.challenge_url, booking.refund?.status]);
}

function refundText({ refund }, locale) {
  if (!refund) return "";
  const price = formatMoney(refund, locale);
  return refund.status === "refunded" ? `Refunded ${price}` : `Refund of ${price} is on its way`;
}

function refundIsOnItsWay({ refund }) {
  return Boolean(refund) && refund.status !== "refunded";
}

/** The address, if a link may carry it: never "javascript:" and the like. */
function webAddress(address) {
  return /^https?:\/\//.test(address ?? "") ? address : null;
}
