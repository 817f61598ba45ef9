"""notifications: takes booking events at least once, and writes to the customer about each once."""
