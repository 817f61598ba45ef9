"""The browser of a worker: found, launched, given a trace context."""
