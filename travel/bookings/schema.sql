CREATE TABLE IF NOT EXISTS booking (
  id TEXT PRIMARY KEY,
  customer_id TEXT NOT NULL,
  idempotency_key TEXT NOT NULL,
  request_digest TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('pending', 'challenge', 'confirmed', 'declined', 'expired', 'cancelled')),
  locator TEXT,
  flight TEXT NOT NULL,              -- JSON, as it was when booked
  passengers TEXT NOT NULL,          -- JSON: [{"given_name", "family_name", "seat"}]
  amount INTEGER NOT NULL,           -- of all passengers, in minor units
  currency TEXT NOT NULL,
  contact_email TEXT NOT NULL,
  language TEXT NOT NULL,
  payment_id TEXT,
  payment_status TEXT,
  payment_reference TEXT,
  payment_problem TEXT,              -- JSON, where the payment could not be asked for: [status, code, detail, extra]
  challenge_url TEXT,
  refund_status TEXT,
  created_at TEXT NOT NULL,
  deadline_at REAL,                  -- unix seconds; NULL once the payment is settled
  UNIQUE (customer_id, idempotency_key)
);
CREATE INDEX IF NOT EXISTS booking_of_customer ON booking (customer_id, created_at);
CREATE INDEX IF NOT EXISTS booking_deadline ON booking (deadline_at) WHERE deadline_at IS NOT NULL;
CREATE TABLE IF NOT EXISTS booking_trace ( -- in which it was placed; what is done for it later belongs there
  booking_id TEXT PRIMARY KEY,
  traceparent TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS payment_event (
  event_id TEXT PRIMARY KEY
) WITHOUT ROWID;
