"""What the features' sentences do: step files here, behind them the shop's pages, parties and journeys."""
