"""What an endpoint's messages look like, learnt from its exchanges, and how that differs from the last GO."""

from gonogo.traffic.shapes.difference import differences
from gonogo.traffic.shapes.shapes import Shapes

__all__ = ["Shapes", "differences"]
