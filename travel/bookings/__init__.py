"""bookings: takes a booking through seat, payment and ticket; fares, cards and mails are its neighbours' business."""
