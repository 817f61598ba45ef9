Feature: Bad days
  Banks are slow and repeat themselves, people mistype their email. Travellers care that one party's
  bad day stays its own: if this fails, somebody pays twice, or waits for what never comes.

  Rule: A bank that is slow to take an order is not given a second one

    Scenario: The bank takes its time
      Given Ana is signed in
      And a flight
      When Ana books that flight with a card whose bank is slow to take the order
      Then Ana's booking is confirmed
      And the bank has charged Ana once, for what the booking says
      And the shop took every word of the bank about Ana at once

  Rule: What the bank says counts once, and in the order in which it happened

    Scenario: The bank repeats itself
      Given Ana has booked the only seat of a flight with a card whose bank repeats itself
      When Ana cancels the booking
      Then Ana sees that the money is refunded
      And the bank has refunded Ana what it had charged
      And the shop took every word of the bank about Ana at once

  Rule: A mail that cannot be delivered holds up nobody else's

    Scenario: Ben's email leads nowhere
      Given a flight
      And Ben's email address leads nowhere
      And Ben has booked seat "2B" of that flight
      When Ana books that flight with an approved card
      Then Ana gets the mail "Booking confirmed" once
