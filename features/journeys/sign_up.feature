Feature: Signing up
  Newcomers care: nobody can book without an account. If this fails, the shop gains no customers,
  or greets them by a name that is not theirs.

  Rule: A newcomer who opens an account is signed in at once

    @must
    Scenario: Ana opens an account
      Given Ana is new to the shop
      When Ana opens an account
      Then Ana is signed in by name
      And Ana is still signed in by name on another visit
      And Ana has no bookings yet

  Rule: Impatience opens one account

    Scenario: Ana asks twice for her account
      Given Ana is new to the shop
      When Ana asks twice for an account
      Then Ana is signed in by name

  Rule: A name is kept as its owner writes it, apart from stray spaces

    Scenario Outline: <person> keeps the name
      Given <person> is new to the shop
      When <person> opens an account as "<name>"
      Then <person> is signed in as "<name>"

      Examples:
        | person | name                        |
        | Sean   | Seán O'Brien-Ó Súilleabháin |
        | Linh   | Nguyễn Thị Ánh              |
        | Dana   | דנה לוי                     |

    Scenario: Stray spaces around a name are not part of it
      Given Ana is new to the shop
      When Ana opens an account as "  Ana   Lopez "
      Then Ana is signed in as "Ana Lopez"

  Rule: One email has one account

    Scenario: Ben cannot open an account with Ana's email
      Given Ana has an account
      And Ben is new to the shop
      When Ben opens an account with Ana's email
      Then Ben is told "An account with this email exists already."
      And Ben is not signed in

  Rule: An account needs a password that is hard to guess

    Scenario: Ana chooses a password that is too short
      Given Ana is new to the shop
      When Ana opens an account with the password "short"
      Then Ana is told "Use at least 8 characters for your password."
      And Ana is not signed in
