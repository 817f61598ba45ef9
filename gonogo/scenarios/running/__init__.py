"""A behave run: the plan, the workers that execute it, and the replay to behave's own formatters."""
