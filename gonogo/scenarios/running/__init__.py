"""A behave run: the plan, the workers that execute it, and what behave's own formatters are shown."""
