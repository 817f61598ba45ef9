"""Pure: evidence and policy in, verdict out. No clock, file, network or process environment here."""
