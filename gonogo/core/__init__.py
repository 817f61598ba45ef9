"""The base of every other package. It imports none of them."""
