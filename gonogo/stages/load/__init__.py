"""The load stage: Locust as a child process, and journeys in a browser beside it."""
