"""Rules on load profiles: whether the run is valid, and which objectives were met or missed."""
