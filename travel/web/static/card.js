// The payment card: checked before it is sent, never kept.

import { cleanName } from "./passenger.js";

/** The card as the booking service takes it, from the values of the form. */
export function cardFrom(values) {
  return {
    number: (values["card.number"] ?? "").replace(/[\s-]/g, ""),
    expiry: (values["card.expiry"] ?? "").replace(/\s/g, ""),
    cvc: (values["card.cvc"] ?? "").trim(),
    holder: cleanName(values["card.holder"] ?? ""),
  };
}

/** Errors by field name; `now` decides whether the card has expired. */
export function cardErrors(card, now = new Date()) {
  const errors = {};
  if (!/^\d{12,19}$/.test(card.number) || !passesLuhn(card.number)) {
    errors["card.number"] = "Enter a valid card number.";
  }
  const expiry = /^(0[1-9]|1[0-2])\/(\d{2})$/.exec(card.expiry);
  if (!expiry) {
    errors["card.expiry"] = "Enter the expiry as MM/YY, for example 09/30.";
  } else if (new Date(2000 + Number(expiry[2]), Number(expiry[1])) <= now) {
    errors["card.expiry"] = "This card has expired.";
  }
  if (!/^\d{3,4}$/.test(card.cvc)) errors["card.cvc"] = "Enter the 3 or 4 digits of the security code.";
  if (!card.holder) errors["card.holder"] = "Enter the name on the card.";
  return errors;
}

/** The check digit of ISO/IEC 7812: every second digit from the right counts double. */
export function passesLuhn(digits) {
  const sum = [...digits].reverse().reduce((total, character, place) => {
    const value = Number(character) * (place % 2 ? 2 : 1);
    return total + (value > 9 ? value - 9 : value);
  }, 0);
  return sum % 10 === 0;
}
