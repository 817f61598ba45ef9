"""The data that packages exchange, as plain frozen dataclasses. It imports no other package of gonogo."""
