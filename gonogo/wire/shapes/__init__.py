"""What an endpoint's messages look like, learnt from its exchanges, and how that differs from the last GO."""

from gonogo.wire.shapes.difference import differences
from gonogo.wire.shapes.shapes import Shapes

__all__ = ["Shapes", "differences"]
