"""What a scenario remembers of its travellers, and the deeds that several sentences share."""

import gonogo.steps.wording  # noqa: F401  (the types Name and Text, which every step file uses)
from steps.journey.journey import Journey, journey
from steps.journey.traveller import Traveller

__all__ = ["Journey", "Traveller", "journey"]
