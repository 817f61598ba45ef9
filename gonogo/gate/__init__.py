"""The gate: the request, the loop over the stages, and the steps before and after. `gonogo.verdict` has the rules."""
