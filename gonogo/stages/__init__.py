"""The stages of the gate: the protocol that each keeps to (`stage`), and a folder for each that gonogo brings."""
