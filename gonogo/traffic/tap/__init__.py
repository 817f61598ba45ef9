"""The tap: a reverse proxy between components that records their exchanges, and the reader of its record."""
