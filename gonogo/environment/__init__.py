"""The environment itself: whether it answers, what it says it runs, how it is started and left as it was found."""
