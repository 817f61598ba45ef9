-- The schedule is computed; only what is sold and the flights of tests are stored.
CREATE TABLE IF NOT EXISTS pnr (
  locator TEXT PRIMARY KEY,
  idempotency_key TEXT NOT NULL UNIQUE,
  request_digest TEXT NOT NULL,
  flight_id TEXT NOT NULL,
  passengers TEXT NOT NULL,          -- JSON: [{"name", "seat"}]
  status TEXT NOT NULL CHECK (status IN ('HELD', 'TICKETED', 'CANCELLED'))
);
CREATE TABLE IF NOT EXISTS taken_seat (
  flight_id TEXT NOT NULL,
  seat TEXT NOT NULL,
  locator TEXT NOT NULL REFERENCES pnr (locator),
  PRIMARY KEY (flight_id, seat)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS sandbox_flight (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  origin TEXT NOT NULL,
  destination TEXT NOT NULL,
  departure_date TEXT NOT NULL,
  departure_time TEXT NOT NULL,
  duration_min INTEGER NOT NULL,
  fare INTEGER NOT NULL,
  seats INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS sandbox_flight_route ON sandbox_flight (departure_date, origin, destination);
