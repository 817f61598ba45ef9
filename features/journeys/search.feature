Feature: Searching for flights
  Travellers plan their days by what they see here. A time in the wrong zone is a missed flight,
  a price in the wrong currency is a complaint, and an empty page is a lost sale.

  Rule: Departure and arrival are told in the local time of each airport

    @must @under-load
    Scenario: Ana finds a flight with its local times
      Given a flight from Dubai to Singapore that leaves at 09:40 and takes 7 h 25 min
      When Ana searches for that flight
      Then Ana sees that the flight departs at "09:40" and arrives at "21:05"
      And Ana sees that the flight takes "7 h 25 min"
      And Ana sees the price "£161.25"

    Scenario Outline: A flight from <origin> to <destination> arrives on another date
      Given a flight from <origin> to <destination> that leaves at <departs> and takes <duration>
      When Ana searches for that flight
      Then Ana sees that the flight departs at "<departs>" and arrives at "<arrives>"
      And Ana sees the arrival marked "<mark>"

      Examples:
        | origin    | destination | departs | duration    | arrives | mark    |
        | Dubai     | Delhi       | 22:00   | 3 h 10 min  | 02:40   | +1 day  |
        | São Paulo | Tokyo       | 23:30   | 23 h 55 min | 11:25   | +2 days |

  Rule: Prices are told in the traveller's own currency

    Scenario Outline: <traveller> sees the price in <currency>
      Given <traveller> reads "<language>" in the time zone "<zone>"
      And a flight from London to New York for 189.00 EUR
      When <traveller> searches for that flight
      Then <traveller> sees the price "<price>"

      Examples:
        | traveller | language | zone             | currency | price    |
        | Greta     | de-DE    | Europe/Berlin    | euros    | 189,00 € |
        | Bob       | en-US    | America/New_York | dollars  | $205.52  |

    Scenario: Yuki sees the airports' times and her own currency
      Given Yuki reads "ja-JP" in the time zone "Asia/Tokyo"
      And a flight from Dubai to Singapore that leaves at 09:40 and takes 7 h 25 min
      When Yuki searches for that flight
      Then Yuki sees that the flight departs at "09:40" and arrives at "21:05"
      And Yuki sees the price "￥30,847"

  Rule: A flight can be chosen only while it has enough seats

    Scenario: Ana sees that seats are running out
      Given a flight from London to New York with 5 seats
      And Ben has booked 3 seats of that flight together
      When Ana searches for that flight
      Then Ana sees "2 seats left" on that flight

    Scenario: A family of three does not fit into the last two seats
      Given a flight from London to New York with 2 seats
      When Ana searches for that flight for 3 passengers
      Then Ana is not offered that flight

    Scenario: A full flight is no longer offered
      Given a flight from London to New York with 1 seat
      And Ben has booked the last seat of that flight
      When Ana searches for that flight
      Then Ana is not offered that flight

  Rule: A search that cannot be meant is not made

    Scenario: Ana asks for a trip to nowhere
      Given Ana visits the shop
      When Ana searches for flights from London to London 30 days from today
      Then Ana is told "Choose two different airports."

    Scenario: Yesterday is over where Yuki lives, though not in London
      Given Yuki reads "ja-JP" in the time zone "Asia/Tokyo"
      And it is "2030-03-01T20:00:00Z" for Yuki
      When Yuki searches for flights from London to New York on "2030-03-01"
      Then Yuki is told "Choose a date that is not in the past."

  Rule: Where no flight goes, the traveller is told so

    Scenario: Nothing is sold so far ahead
      Given Ana visits the shop
      When Ana searches for flights from London to New York 700 days from today
      Then Ana is told that no flights were found

  Rule: The way back leads to the same flights

    Scenario: Ana goes back from a flight to the flights that were found
      Given a flight from London to New York
      And Ana is signed in and has chosen that flight from a search
      When Ana goes back
      Then Ana sees that flight among the flights found
