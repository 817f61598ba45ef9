Feature: Mail about bookings
  Travellers keep the mail, not the page: it is what they show at the airport. A mail that is
  missing, doubled or wrong brings them to the help desk.

  Rule: A confirmed booking is told once, and in full

    @must
    Scenario: Ana gets her confirmation
      Given Ana is signed in
      And a flight from London to New York for 189.00 EUR
      When Ana books seat "2C" of that flight for "Ana María", "López"
      Then Ana gets the mail "Booking confirmed" once
      And the mail says "Ana María López"
      And the mail tells the flight, its local times, the reference and the price of Ana's booking
