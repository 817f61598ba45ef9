"""What was sent between the parties of a run: exchanges and spans, documents, shapes, and what they say together."""
