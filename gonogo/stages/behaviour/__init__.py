"""The behaviour stage: every feature that is not in features/platform."""
