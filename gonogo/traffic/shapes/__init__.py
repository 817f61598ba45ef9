"""The shapes of an endpoint's messages, learnt from its exchanges, and their differences from the baseline."""

from gonogo.traffic.shapes.difference import differences
from gonogo.traffic.shapes.shapes import Shapes

__all__ = ["Shapes", "differences"]
