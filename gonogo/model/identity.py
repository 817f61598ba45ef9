"""The identity of a scenario, from the plan to the history; it changes only with its name or file."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cached_property

_DIGEST_DIGITS = 8


@dataclass(frozen=True, order=True)
class ScenarioId:
    """A scenario of a feature file, or one row of an outline. No line: a comment or a row above moves those.

    `uri` is the file's path, relative to the project; `rule` the name of its rule, "" outside of one; `name` is as
    written, of an outline with its placeholders; `ordinal` counts from 1 among those that share all three. Of a row,
    `cells` are its values by column, in their order, and `row` counts from 1 among rows of the same cells; 0 is no row.
    """

    uri: str
    rule: str
    name: str
    ordinal: int = 1
    cells: tuple[tuple[str, str], ...] = ()
    row: int = 0

    @cached_property
    def key(self) -> str:
        """One text for each id, as compact JSON: for files, databases, and mappings that are written to them."""
        parts: list[object] = [self.uri, self.rule, self.name, self.ordinal]
        if self.row:
            parts += [[list(cell) for cell in self.cells], self.row]
        return json.dumps(parts, ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def from_key(cls, key: str) -> ScenarioId:
        """The id whose `key` it is. Raises ValueError where it is none."""
        try:
            uri, rule, name, ordinal, *of_row = json.loads(key)
            cells, row = of_row or ((), 0)
            found = cls(uri, rule, name, ordinal, tuple((column, value) for column, value in cells), row)
        except (TypeError, ValueError) as error:
            raise ValueError(f"not the key of a scenario: {key[:200]!r}") from error
        if found.key != key:
            raise ValueError(f"not the key of a scenario: {key[:200]!r}")
        return found

    @property
    def digest(self) -> str:
        """Eight hex digits, for names of folders: ids in any script, and of any length, get different ones."""
        return hashlib.sha256(self.key.encode(errors="surrogatepass")).hexdigest()[:_DIGEST_DIGITS]
