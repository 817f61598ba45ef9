"""The gate: what was asked for, the loop over the stages, what comes before and after it. Nothing is judged here."""
