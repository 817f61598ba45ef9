"""The traffic between the components of a run: exchanges and spans, contracts, shapes, and their analysis."""
