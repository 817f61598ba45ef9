Feature: Seats
  Travellers and the airline care: a seat sold twice is a passenger left at the gate, a seat not
  given back is money lost.

  Rule: A seat is sold once

    @must
    Scenario: Two travellers want the last seat at the same moment
      Given a flight with 1 seat
      And Ana and Ben are about to pay for the last seat of that flight
      When Ana and Ben pay at the same moment
      Then one of Ana and Ben has the seat, and the other is told that it is gone
      And the bank has charged one of Ana and Ben

    Scenario: Ben takes another seat when Ana was faster
      Given a flight with 2 seats
      And Ana and Ben are about to pay for the same seat of that flight
      And Ana pays first
      When Ben is told that the seat is gone, and pays for "1B" instead
      Then Ben's booking is confirmed
      And Ana and Ben have different seats

  Rule: Only free seats are offered

    Scenario: Ben is not offered the seat that Ana has
      Given a flight with 4 seats
      And Ana has booked seat "1B" of that flight
      When Ben wants to book that flight
      Then Ben is offered the seats "1A, 1C, 1D"
