Feature: Paying by card
  Travellers and the shop care: money must move once, in the right amount, and only for a seat
  that the traveller really has. If this fails, someone pays for nothing or flies for nothing.

  Rule: An approved payment confirms the booking

    @must @under-load
    Scenario: Ana finds, books and pays for a flight
      Given a flight from London to New York for 189.00 EUR
      And Ana is signed in and has chosen that flight from a search
      When Ana pays with an approved card
      Then Ana's booking is confirmed
      And Ana's booking has a booking reference
      And the bank has charged Ana "161.25 GBP" once

    Scenario: The bank answers late
      Given Ana is signed in
      And a flight
      When Ana books that flight with a card whose bank answers late
      Then Ana's booking waits for the bank
      And Ana's booking is confirmed
      And the bank has charged Ana once, for what the booking says

  Rule: The bank is asked for the price that the traveller saw

    Scenario Outline: <traveller> pays in <currency>
      Given <traveller> reads "<language>" in the time zone "<zone>"
      And a flight for 1250.00 EUR
      When <traveller> books that flight with an approved card
      Then <traveller>'s booking is confirmed
      And <traveller>'s booking costs "<price>"
      And the bank has charged <traveller> "<charged>" once

      Examples:
        | traveller | language | zone          | currency | price      | charged     |
        | Greta     | de-DE    | Europe/Berlin | euros    | 1.250,00 € | 1250.00 EUR |
        | Yuki      | ja-JP    | Asia/Tokyo    | yen      | ￥204,013  | 204013 JPY  |

  Rule: A payment that fails gives the seat back and costs nothing

    @must
    Scenario: The bank declines
      Given a flight with 1 seat
      And Ana is signed in
      When Ana books that flight with a declined card
      Then Ana's booking is declined
      And the bank has charged Ana nothing
      And the last seat of that flight is free again

    Scenario: The bank never answers
      Given a flight with 1 seat
      And Ana is signed in
      When Ana books that flight with a card whose bank never answers
      Then Ana's booking expires
      And the bank has charged Ana nothing
      And the last seat of that flight is free again

    Scenario: Ana tries again after the bank declined
      Given a flight with 1 seat
      And Ana's bank has declined a booking of that flight
      When Ana tries again with an approved card
      Then Ana's booking is confirmed
      And the bank has charged Ana once, for what the booking says
      And Ana gets the mail "Payment declined" once

  Rule: The bank may ask whether it is really the traveller

    Scenario: Ana confirms that it is her
      Given a flight
      And Ana's bank asks whether it is really Ana who books that flight
      When Ana gives the bank the right code
      Then Ana's booking is confirmed
      And the bank has charged Ana once, for what the booking says

    Scenario: Ana cannot confirm that it is her
      Given a flight with 1 seat
      And Ana's bank asks whether it is really Ana who books that flight
      When Ana gives the bank a wrong code
      Then Ana's booking is declined
      And the bank has charged Ana nothing
      And the last seat of that flight is free again

  Rule: Impatience and a bad connection cost nothing

    Scenario: Ana asks twice to pay
      Given a flight
      And Ana's connection repeats what it sends
      When Ana asks twice to pay for that flight
      Then Ana's booking is confirmed
      And Ana has 1 booking
      And the bank has charged Ana once, for what the booking says

  Rule: A card that cannot be right is not sent to the bank

    Scenario: Ana mistypes a digit of her card
      Given Ana is signed in
      And a flight
      When Ana books that flight with a card with a mistyped digit
      Then Ana is told "Enter a valid card number."
      And the bank was never asked to charge Ana
