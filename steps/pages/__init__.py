"""The shop's pages, and the bank's, as people use them. What a scenario remembers is `steps.journey`'s."""
