Feature: Accessible to everyone
  Travellers who see, hear or move differently care, and so does the law. If this fails, they
  cannot book without help.

  Rule: No page breaks the rules of WCAG 2.1, levels A and AA

    Scenario Outline: The page "<page>" is accessible
      Given a flight from London to New York
      And Ana is signed in
      When Ana visits the page "<page>"
      Then the page that Ana sees is accessible

      Examples:
        | page          |
        | search        |
        | flights found |
        | booking form  |
        | mistakes told |
        | confirmation  |
        | my bookings   |

    Scenario Outline: The page "<page>" is accessible to newcomers
      Given Ana is new to the shop
      When Ana visits the page "<page>"
      Then the page that Ana sees is accessible

      Examples:
        | page    |
        | sign up |
        | sign in |

  Rule: Everything can be done with the keyboard alone

    Scenario: Ana searches by keyboard
      Given a flight from London to New York
      And Ana is signed in
      When Ana searches for that flight by keyboard
      Then Ana sees that flight among the flights found
      And Ana can choose that flight by keyboard

    Scenario: Ana skips what is the same on every page
      Given Ana visits the shop
      When Ana skips to the content
      Then the next thing that Ana reaches is part of the content

  Rule: A change of the page is announced

    Scenario: Ana hears what was found
      Given a flight from London to New York
      When Ana searches for that flight
      Then Ana hears how many flights were found
      And Ana is led to the top of the new page
