"""The browser of a worker: search, launch, trace context."""
