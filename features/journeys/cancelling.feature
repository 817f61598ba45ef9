Feature: Cancelling
  Travellers whose plans change want their money back, and the airline wants the seat back.
  If this fails, one of them pays for an empty seat.

  Rule: A cancelled booking is refunded and its seat given back

    @must
    Scenario: Ana cancels a booking
      Given Ana has booked the only seat of a flight
      When Ana cancels the booking
      Then Ana sees that the money is refunded
      And the bank has refunded Ana what it had charged
      And the last seat of that flight is free again
      And Ana gets the mail "Booking cancelled" once

  Rule: Nothing is cancelled before the traveller is sure

    Scenario: Ana thinks again
      Given Ana has booked the only seat of a flight
      When Ana starts to cancel the booking, but keeps it
      Then Ana's booking is confirmed
      And the bank has refunded Ana nothing
