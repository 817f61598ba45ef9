"""Each report reads evidence and verdict; none decides anything."""
