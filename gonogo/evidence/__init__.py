"""The run folder and its records: how evidence is written, redacted, and read back as plain data."""
