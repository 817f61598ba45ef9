Feature: Passengers and their names
  Travellers care: a name that is not the passport's is a refused boarding. The reservation system
  takes plain capitals only, so every part on the way must treat names with the same care.

  Rule: A passenger's name comes back as it was written

    Scenario Outline: A name with <what>
      Given Ana is signed in
      And a flight
      When Ana books seat "2A" of that flight for "<given names>", "<family name>"
      Then Ana's booking is confirmed
      And Ana's booking names "<given names> <family name>" in seat "2A"
      And Ana gets the mail "Booking confirmed" that says "<given names> <family name>"

      Examples:
        | what           | given names | family name  |
        | accents        | Zoë         | Žižková      |
        | an apostrophe  | Siobhán     | O'Brien      |
        | hyphens and ß  | Jean-Luc    | Martin-Weiß  |

  Rule: Stray spaces around a name do not reach the ticket

    Scenario: Ana writes her name with stray spaces
      Given Ana is signed in
      And a flight
      When Ana books seat "2A" of that flight for "  Ana  Maria ", " Lopez "
      Then Ana's booking is confirmed
      And Ana's booking names "Ana Maria Lopez" in seat "2A"

  Rule: One booking may hold a family

    Scenario: A family of three flies together
      Given Ana is signed in
      And a flight for 1050.00 EUR
      When Ana books that flight for a family of three
      Then Ana's booking is confirmed
      And Ana's booking names the whole family, each with a seat
      And the bank has charged Ana "2687.58 GBP" once

  Rule: Every passenger needs a name

    Scenario: Ana forgets who flies
      Given Ana is signed in
      And a flight
      When Ana books that flight for nobody in particular
      Then Ana is told "Enter the given names of passenger 1."
      And Ana is led to the first mistake
      And the bank was never asked to charge Ana
