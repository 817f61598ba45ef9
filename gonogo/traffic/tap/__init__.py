"""The tap: a reverse proxy between components that records what they say to each other, and the record it leaves."""
