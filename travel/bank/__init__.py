"""bank: the test gateway of a card acquirer, a third party that is strict about what it takes. No money moves."""
