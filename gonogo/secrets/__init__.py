"""What is secret in a run, and how text gets masked."""
