"""What can go wrong for somebody who runs `travel`.

TravelError            what, where, fix
└── UsageError         the command or a file was written wrongly (exit 2)
"""

from __future__ import annotations


class TravelError(Exception):
    """`what` happened, `where` (a path, a port, a component), and how to `fix` it; `detail` is quoted below."""

    exit_code = 1

    def __init__(self, what: str, *, where: str, fix: str, detail: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.fix = fix
        self.detail = detail

    def __str__(self) -> str:
        quoted = "".join(f"\n  | {line}" for line in self.detail.splitlines())
        return f"{self.what}\n  at {self.where}{quoted}\n  fix: {self.fix}"


class UsageError(TravelError):
    exit_code = 2
