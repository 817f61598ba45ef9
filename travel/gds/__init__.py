"""gds: the test gateway of a flight reservation system, a third party that is strict about what it takes."""
