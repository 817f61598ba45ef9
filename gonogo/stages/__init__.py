"""Each stage runs a child process, watches it, and hands back the evidence that it left."""
