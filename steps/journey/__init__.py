"""What a scenario remembers of its travellers, and the deeds that several sentences share."""

from steps.journey.journey import Journey, journey
from steps.journey.traveller import Traveller

__all__ = ["Journey", "Traveller", "journey"]
