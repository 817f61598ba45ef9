"""Exchanges over HTTP, read from HAR, and what they say about where an error came from."""
