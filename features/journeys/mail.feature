Feature: Mail about bookings
  Travellers keep the mail, not the page: it is what they show at the airport. A mail that is
  missing, doubled or wrong brings them to the help desk.

  Rule: A confirmed booking is told once, and in full

    @must
    Scenario: Ana gets her confirmation
      Given Ana is signed in
      And a flight
      When Ana books that flight for a whole party
      Then Ana gets the mail "Booking confirmed" once
      And the mail names everyone for whom Ana has booked
      And the mail tells the flight, its local times, the reference and the price of Ana's booking
