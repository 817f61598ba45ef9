"""mix: a working day's visitors, in the proportion in which they come, and ever more of them."""

from __future__ import annotations

from gonogo.locust_plugin.suite import profile, ramp
from load._personas import (
    HURRIED_BUYERS,
    RETURNING_TRAVELLERS,
    WINDOW_SHOPPERS,
    HurriedBuyer,
    ReturningTraveller,
    WindowShopper,
)

PROFILE = profile("mix", personas={WindowShopper: WINDOW_SHOPPERS, ReturningTraveller: RETURNING_TRAVELLERS,
                                   HurriedBuyer: HURRIED_BUYERS}, shape=ramp)
