"""Test data that vary: the types of `context.world.data`, which draws people, addresses, money, dates and lists.

    traveller = context.world.data.person("Ana", scripts=("Latin",), max_length=60)
    email = context.world.data.email(traveller)

The same scenario draws the same values in each run; docs/data.md describes pools, arguments and records.
"""

from gonogo.scenarios.drawing.addresses import Address
from gonogo.scenarios.drawing.amounts import Money
from gonogo.scenarios.drawing.draw import Draw
from gonogo.scenarios.drawing.people import DrawnPerson

__all__ = ["Address", "Draw", "DrawnPerson", "Money"]
