-- No card number and no security code is ever stored.
CREATE TABLE IF NOT EXISTS charge (
  charge_id TEXT PRIMARY KEY,
  idempotency_key TEXT NOT NULL UNIQUE,
  request_digest TEXT NOT NULL,
  merchant_reference TEXT NOT NULL UNIQUE,
  amount INTEGER NOT NULL,
  currency TEXT NOT NULL,
  refunded_amount INTEGER NOT NULL DEFAULT 0,
  holder TEXT NOT NULL,
  card_last4 TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('PENDING', 'CHALLENGE', 'AUTHORISED', 'DECLINED', 'REFUNDED', 'VOIDED')),
  answer TEXT NOT NULL,               -- what the issuer of this card will say: APPROVE, CHALLENGE or a decline code
  answer_at REAL,                     -- unix seconds; NULL where it will say nothing (more)
  decline_code TEXT,
  challenge_token TEXT UNIQUE,
  return_url TEXT NOT NULL,
  webhook_url TEXT NOT NULL,
  webhook_failures INTEGER NOT NULL DEFAULT 0,   -- how often the merchant did not take a word about it
  traceparent TEXT,
  created_at TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS charge_due ON charge (answer_at) WHERE answer_at IS NOT NULL;
CREATE INDEX IF NOT EXISTS charge_holder ON charge (holder);
CREATE TABLE IF NOT EXISTS refund (
  refund_id TEXT PRIMARY KEY,
  idempotency_key TEXT NOT NULL UNIQUE,
  charge_id TEXT NOT NULL REFERENCES charge (charge_id),
  amount INTEGER NOT NULL
);
