"""payments: card payments through the bank; what a booking costs and why is not its business."""
