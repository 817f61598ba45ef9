"""The significance of a change in the frequency of a kind, so that a rare kind is not reported as new.

How likely is it that `k` of `m` values now are of a kind that `k0` of `n` values in the baseline had? The kind's
frequency is unknown: its posterior is a Beta distribution, and so the number among `m` values is beta-binomial.

The prior is Beta(a, 1). A small `a` means that most kinds of a field occur always or never (an id is a uuid, or never
is). With 0 of `n` values, the frequency is below 3/n at 95 % for a = 1 (the rule of three), and far below for a small
`a`. A field that had rare kinds will have more: each kind that was observed once adds one to `a` (the Good-Turing
estimate of unobserved kinds).
"""

from __future__ import annotations

from functools import lru_cache
from math import exp, lgamma

STICKY = 0.05  # `a` of facets that code decides: a format, a type, the presence of a member
LOOSE = 0.5  # `a` of facets that data decide: a case, a number of items
MIN_VALUES = 3  # in the baseline; fewer are not compared


@lru_cache(maxsize=8192)
def chance_of_at_least(k: int, m: int, *, k0: int, n: int, prior: float) -> float:
    """The probability of `k` or more values of a kind among `m`, if `k0` of `n` were of that kind."""
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
