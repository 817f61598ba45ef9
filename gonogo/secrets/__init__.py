"""Which values are secret in a run, and how they are masked in text."""
