Feature: Signing in
  Travellers care: behind their account stand their bookings and their names. If this fails,
  customers are locked out, or strangers are let in.

  Rule: Only the owner's password opens an account

    @must @under-load
    Scenario: Ana signs in
      Given Ana has an account
      When Ana signs in with the right password
      Then Ana is signed in by name
      And Ana is still signed in by name on another visit

    Scenario: Ana mistypes the password
      Given Ana has an account
      When Ana signs in with a wrong password
      Then Ana is told "Email or password is wrong."
      And Ana is not signed in

  Rule: After signing out nothing private can be seen

    Scenario: Ana signs out on a shared computer
      Given Ana is signed in
      When Ana signs out
      Then Ana is not signed in
      And Ana is asked to sign in before seeing bookings

  Rule: Whoever is asked to sign in is led back to where they were

    Scenario: Ana wants to book before signing in
      Given Ana has an account
      And a flight from London to New York
      And Ana has chosen that flight without being signed in
      When Ana signs in as asked
      Then Ana is about to book that flight
