"""The load stage: Locust as a child process, one profile after the other, with journeys in a browser."""
