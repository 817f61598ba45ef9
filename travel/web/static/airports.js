// Airports by code, and how they are called.

export class Airports {
  constructor(list) {
    this.list = [...list].sort((one, other) => one.city.localeCompare(other.city));
    this.byCode = new Map(list.map((airport) => [airport.code, airport]));
  }

  /** "LHR" → "London"; an unknown code stands for itself. */
  city(code) {
    return this.byCode.get(code)?.city ?? code;
  }

  /** "LHR" → "London (LHR)". */
  label(code) {
    return this.byCode.has(code) ? `${this.city(code)} (${code})` : code;
  }

  /** "London to New York". */
  route(flight) {
    return `${this.city(flight.from)} to ${this.city(flight.to)}`;
  }
}
