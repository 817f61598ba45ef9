"""Suspects: clues in the evidence of failures, and the components that they point at."""
