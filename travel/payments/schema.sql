-- No card number and no security code is ever stored.
CREATE TABLE IF NOT EXISTS payment (
  id TEXT PRIMARY KEY,
  idempotency_key TEXT NOT NULL UNIQUE,
  booking_id TEXT NOT NULL,
  reference TEXT NOT NULL UNIQUE,
  amount INTEGER NOT NULL,
  currency TEXT NOT NULL,
  card_brand TEXT NOT NULL,
  card_last4 TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('pending', 'challenge', 'authorised', 'declined', 'voided', 'refunded')),
  charge_id TEXT,
  challenge_url TEXT,
  refusal TEXT,                       -- JSON of the bank's error, where it refused to take the charge
  created_at TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS reference_counter (
  day TEXT PRIMARY KEY,
  last INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS bank_event (
  event_id TEXT PRIMARY KEY
) WITHOUT ROWID;
