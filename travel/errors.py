"""What can go wrong for somebody who runs `travel`.

TravelError            what, where, mend
└── UsageError         the command or a file was written wrongly (exit 2)
"""

from __future__ import annotations


class TravelError(Exception):
    """`what` happened, `where` (a path, a port, a component), and how to `mend` it; `detail` is quoted below."""

    exit_code = 1

    def __init__(self, what: str, *, where: str, mend: str, detail: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.mend = mend
        self.detail = detail

    def __str__(self) -> str:
        quoted = "".join(f"\n  | {line}" for line in self.detail.splitlines())
        return f"{self.what}\n  at {self.where}{quoted}\n  mend: {self.mend}"


class UsageError(TravelError):
    exit_code = 2
