"""Bookings of years gone by, so that an environment for trials is as full as production.

They belong to customers who never come; nothing else reads or changes them.
"""

from __future__ import annotations

from travel.chassis import Database

_BOOKINGS_A_CUSTOMER = 4
_FILL = """
INSERT INTO booking (id, customer_id, idempotency_key, request_digest, status, locator, flight, passengers, amount,
                     currency, contact_email, language, payment_id, payment_status, payment_reference, created_at)
WITH RECURSIVE past(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM past WHERE n < :count)
SELECT printf('00000000-0000-4000-8000-%012x', n), printf('00000000-0000-4000-9000-%012x', n / :each),
       printf('past-%d', n), printf('%064x', n), 'confirmed', NULL,
       json_object('id', printf('GN%04d-%s', n % 800 + 1, date('2020-01-01', printf('+%d days', n % 1500))),
                   'number', printf('GN%04d', n % 800 + 1), 'from', 'LHR', 'to', 'JFK',
                   'departure', date('2020-01-01', printf('+%d days', n % 1500)) || 'T09:40:00+00:00',
                   'arrival', date('2020-01-01', printf('+%d days', n % 1500)) || 'T12:40:00-05:00',
                   'duration_min', 480),
       '[{"given_name": "Ada", "family_name": "Byron", "seat": "1A"}]', 18900, 'EUR',
       printf('past%d@past.example', n / :each), 'en', printf('pay_%032x', n), 'authorised',
       printf('%012d', n), date('2019-12-01', printf('+%d days', n % 1500)) || 'T12:00:00.000000+00:00'
FROM past"""


def fill_with_past(database: Database, count: int) -> None:
    """Put `count` settled bookings into an empty table; one that holds anything stays as it is."""
    with database.transaction() as connection:
        if count and connection.execute("SELECT 1 FROM booking LIMIT 1").fetchone() is None:
            connection.execute(_FILL, {"count": count, "each": _BOOKINGS_A_CUSTOMER})
