CREATE TABLE IF NOT EXISTS customers (
    id            TEXT PRIMARY KEY,          -- a uuid
    name          TEXT NOT NULL,             -- NFC
    email         TEXT NOT NULL UNIQUE,      -- lower case
    password_salt BLOB NOT NULL,
    password_hash BLOB NOT NULL,             -- scrypt
    created_at    TEXT NOT NULL
);
