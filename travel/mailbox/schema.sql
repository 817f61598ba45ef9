CREATE TABLE IF NOT EXISTS messages (
    number     INTEGER PRIMARY KEY AUTOINCREMENT,   -- in order of arrival
    id         TEXT NOT NULL UNIQUE,
    document   TEXT NOT NULL,                       -- JSON: the message as the interface shows it
    recipients TEXT NOT NULL,                       -- these in lower case, for the search
    sender     TEXT NOT NULL,
    subject    TEXT NOT NULL,
    message_id TEXT NOT NULL,
    content    TEXT NOT NULL
);
