"""The load stage: Locust as a child process, one profile after the other, and journeys in a browser beside it."""
