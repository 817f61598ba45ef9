"""What is recorded of a scenario, and what of it is kept."""
