"""Whether what is seen now is a surprise after what was seen then, so that what was seldom seen is not called new.

How likely is it that `k` of `m` values are of a kind that was `k0` of `n` then? The kind's frequency is not known;
after the values of then it has a Beta distribution, and the number among the values of now a beta-binomial one.

The prior Beta(a, 1) says what is known of kinds in general: a small `a`, that most kinds of a field are there always
or never (an id is a uuid, or it is none). With `n` values and none of a kind the frequency is below 3/n at 95 % for
a = 1 (the rule of three), and well below for the small `a`. A field that has brought rarities before will bring more:
each kind that was seen only once adds one to `a` (Good and Turing's estimate of what is still unseen).
"""

from __future__ import annotations

from functools import lru_cache
from math import exp, lgamma

STICKY = 0.05  # `a` of what is decided by code: a format, a type, whether a member is there
LOOSE = 0.5  # `a` of what data decide: a case, a number of items
MIN_SEEN = 3  # fewer values than these make no habit


@lru_cache(maxsize=8192)
def chance_of_at_least(k: int, m: int, *, k0: int, n: int, prior: float) -> float:
    """The chance of `k` or more of a kind among `m` values, where it was `k0` of `n`."""
    a, b = k0 + prior, n - k0 + 1.0
    if k <= 0:
        return 1.0
    if k > m - k:  # sum the shorter tail
        return min(1.0, sum(_chance_of(j, m, a, b) for j in range(k, m + 1)))
    return max(0.0, 1.0 - sum(_chance_of(j, m, a, b) for j in range(k)))


def _chance_of(k: int, m: int, a: float, b: float) -> float:
    choose = lgamma(m + 1) - lgamma(k + 1) - lgamma(m - k + 1)
    return exp(choose + lgamma(a + k) + lgamma(b + m - k) - lgamma(a + b + m) - lgamma(a) - lgamma(b)
               + lgamma(a + b))
