"""The ids of the traces that a run begins. All begin alike, so that no other trace is taken for the run's.

`scenarios` and `load` send them; `gonogo.traffic.spans` knows spans by them.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

_HALF = 8  # bytes: the second half is random for each trace, as samplers and stores expect
LOAD_SPAN_ID = "10ad" * 4  # the parent of all that a load generator's requests cause


@dataclass(frozen=True, slots=True)
class TraceIds:
    """`prefix` are the first 16 hexadecimal digits of each trace id, drawn for the run."""

    prefix: str = field(default_factory=lambda: secrets.token_hex(_HALF))

    def new(self) -> str:
        return self.prefix + secrets.token_hex(_HALF)

    def issued(self, trace_id: str) -> bool:
        """Whether the run began this trace."""
        return trace_id.startswith(self.prefix)
