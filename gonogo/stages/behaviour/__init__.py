"""The behaviour stage: every other feature, as the system's users would meet it."""
