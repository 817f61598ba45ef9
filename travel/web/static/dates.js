// Dates and times as the airport's clock shows them. The browser's own time zone plays no part in a flight's times.

const LOCAL_PART = /^(\d{4})-(\d{2})-(\d{2})(?:T(\d{2}:\d{2}))?/;
const DATE_STYLE = { weekday: "short", day: "numeric", month: "short", year: "numeric", timeZone: "UTC" };
const MS_PER_DAY = 24 * 60 * 60 * 1000;

/** "2027-01-15T09:40:00+00:00" → "09:40", whatever the offset: it is the airport's local time. */
export function localTime(iso) {
  return LOCAL_PART.exec(iso)[4];
}

/** "2027-01-15" or "2027-01-15T…" → "Fri, 15 Jan 2027" in the reader's locale, same day. */
export function localDate(iso, locale) {
  return new Intl.DateTimeFormat(locale, DATE_STYLE).format(utcMidnight(iso));
}

/** How many calendar days later (or earlier) a flight arrives, each end on its own clock. */
export function daysBetween(departure, arrival) {
  return Math.round((utcMidnight(arrival) - utcMidnight(departure)) / MS_PER_DAY);
}

/** 0 → "", 1 → "+1 day", 2 → "+2 days", -1 → "−1 day" (across the date line). */
export function dayMark(days) {
  if (days === 0) return "";
  return `${days > 0 ? "+" : "−"}${Math.abs(days)} ${Math.abs(days) === 1 ? "day" : "days"}`;
}

/** 475 → "7 h 55 min". */
export function durationText(minutes) {
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** The traveller's own date today, as a date input holds it. */
export function today(now = new Date()) {
  const two = (number) => String(number).padStart(2, "0");
  return `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
}

function utcMidnight(iso) {
  const [, year, month, day] = LOCAL_PART.exec(iso);
  return Date.UTC(Number(year), Number(month) - 1, Number(day));
}
