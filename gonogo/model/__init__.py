"""What rooms hand to each other, as plain frozen data. Nothing of gonogo is imported here."""
