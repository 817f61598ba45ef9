// The names that people type, made ready for the services, and what is asked of each passenger.

/** NFC, inner runs of white space as one space, none at either end. */
export function cleanName(typed) {
  return typed.normalize("NFC").replace(/\s+/g, " ").trim();
}

/** The passengers as the booking service takes them, from the values of the form. */
export function passengersFrom(values, count) {
  return Array.from({ length: count }, (_, index) => ({
    given_name: cleanName(values[`passengers.${index}.given_name`] ?? ""),
    family_name: cleanName(values[`passengers.${index}.family_name`] ?? ""),
    seat: values[`passengers.${index}.seat`] ?? "",
  }));
}

/** Errors by field name; empty where all is well. */
export function passengerErrors(passengers) {
  const errors = {};
  const chosen = new Set();
  passengers.forEach(({ given_name, family_name, seat }, index) => {
    const field = (name) => `passengers.${index}.${name}`;
    const who = `passenger ${index + 1}`;
    if (!given_name) errors[field("given_name")] = `Enter the given names of ${who}.`;
    if (!family_name) errors[field("family_name")] = `Enter the family name of ${who}.`;
    if (!seat) errors[field("seat")] = `Choose a seat for ${who}.`;
    else if (chosen.has(seat)) errors[field("seat")] = `Choose another seat for ${who}: ${seat} is chosen twice.`;
    chosen.add(seat);
  });
  return errors;
}
