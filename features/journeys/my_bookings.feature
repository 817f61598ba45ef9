Feature: My bookings
  Travellers look up here what they have booked. If this fails they cannot find their booking,
  or find somebody else's.

  Rule: The newest booking comes first, five to a page

    Scenario: Ana looks up many bookings
      Given Ana has made 6 bookings
      When Ana looks up the bookings made
      Then Ana sees page 1 of 2
      And Ana sees the five newest bookings, newest first

    Scenario: Ana turns the page
      Given Ana has made 6 bookings
      When Ana turns to the next page of bookings
      Then Ana sees page 2 of 2
      And Ana sees the oldest booking alone

  Rule: A booking can be found again

    Scenario: Ana comes back to a booking
      Given Ana has made 1 booking
      When Ana opens the booking from the list
      Then Ana's booking is confirmed
      And Ana's booking is the one that Ana made

  Rule: A traveller sees no other traveller's bookings

    Scenario: Ben follows the way to Ana's booking
      Given Ana has made 1 booking
      And Ben is signed in
      When Ben follows the way to Ana's booking
      Then Ben is told that there is no such booking
      And Ben has no bookings yet
