@read-only
Feature: Every component is well
  Operators promote a release only onto a platform that is whole. With a component down, or cut
  off from what it needs, travellers meet errors however good the release is.

  Rule: A component is well only where everything that it needs is well

    Scenario Outline: <component> is well
      Given "<component>" is part of the environment
      When the health of "<component>" is asked
      Then "<component>" is well
      And everything that "<component>" needs is well

      Examples:
        | component     |
        | gateway       |
        | web           |
        | customers     |
        | flights       |
        | bookings      |
        | payments      |
        | notifications |
        | mailbox       |

  Rule: The test gateways of third parties can be reached

    Scenario Outline: The test gateway of the <party> answers
      Given the test gateway "<gateway>" is part of the environment
      When the health of the test gateway "<gateway>" is asked
      Then the test gateway "<gateway>" is well

      Examples:
        | party              | gateway |
        | reservation system | gds     |
        | bank               | bank    |

  Rule: No part of the environment goes untested

    @offline
    Scenario: Every component of the release is part of the environment
      Given the release names its components
      When the environment is compared with the release
      Then every component of the release is part of the environment
