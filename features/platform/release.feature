@read-only
Feature: What runs is what was built
  Whoever signs off a release signs off these very images. If something else runs here, every
  other result of this environment speaks of something else too.

  Rule: A component runs the image and the settings of the release, as in production

    Scenario Outline: <component> runs the release
      Given "<component>" is part of the release
      When the version of "<component>" is asked
      Then "<component>" runs the image of the release
      And "<component>" runs with the settings of the release
      And "<component>" runs without debug mode

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
