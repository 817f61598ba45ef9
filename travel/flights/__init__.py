"""flights: searches, fares in the traveller's currency, seat maps; selling a seat is not its business."""
