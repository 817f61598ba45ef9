"""The stages of the gate: their protocol (`stage`), and a folder for each built-in stage."""
