"""browse: people who look and do not buy. Only who comes back has booked once, before."""

from __future__ import annotations

from gonogo.load.suite import profile, steady
from load._personas import RETURNING_TRAVELLERS, WINDOW_SHOPPERS, ReturningTraveller, WindowShopper

PROFILE = profile("browse", personas={WindowShopper: WINDOW_SHOPPERS, ReturningTraveller: RETURNING_TRAVELLERS},
                  shape=steady)
