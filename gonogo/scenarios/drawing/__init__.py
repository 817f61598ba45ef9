"""Test data that vary from scenario to scenario and never from run to run: pools, and the draw from them."""
