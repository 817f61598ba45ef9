Feature: Summer time and winter time
  Travellers care: clocks change in some countries, on other days in others, and in most not at all.
  Who is told a time of the wrong season misses the flight by an hour.

  Rule: Times are those of the day of the flight, whichever season it is today

    Scenario Outline: Ana flies in <month>
      Given a flight from London to Tokyo in <month> that leaves at 19:30 and takes 13 h 45 min
      When Ana searches for that flight
      Then Ana sees that the flight departs at "19:30" and arrives at "<arrives>"
      And Ana sees that the flight takes "13 h 45 min"

      Examples:
        | month   | arrives |
        | January | 18:15   |
        | July    | 17:15   |
