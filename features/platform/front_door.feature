@read-only
Feature: The front door
  Travellers come in by one public address. If it answers wrongly, nothing behind it can be
  reached; if it answers too freely, their accounts are at risk.

  Rule: The public address serves the shop, and nothing is left without a guard

    Scenario: The shop is served under strict security headers
      Given the environment has a public address
      When a visitor opens the public address
      Then the visitor gets a web page
      And the web page forbids foreign scripts and frames

    Scenario: Nobody sees bookings without being signed in
      Given the environment has a public address
      When a stranger asks for bookings
      Then the stranger is refused as not signed in

  Rule: Who comes back is sent only what has changed

    Scenario: A visitor comes back to the shop as it was
      Given a visitor has opened the public address
      When the visitor comes back
      Then the visitor is told that nothing has changed

  Rule: The shop knows its airports

    Scenario: Every airport has a city and a time zone
      Given the environment has a public address
      When a visitor asks for the airports
      Then every airport has a city and a known time zone
