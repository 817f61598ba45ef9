CREATE TABLE IF NOT EXISTS sessions (
    token_hash TEXT PRIMARY KEY,    -- sha256: a stolen database signs nobody in
    customer   TEXT NOT NULL,       -- JSON: id, name, email
    expires_at REAL NOT NULL        -- seconds since the epoch
);
CREATE INDEX IF NOT EXISTS sessions_by_expiry ON sessions (expires_at);
