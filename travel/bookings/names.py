"""A passenger's name in the reservation system's alphabet: capital letters and single spaces."""

from __future__ import annotations

import unicodedata

# Letters that Unicode does not take apart into a base letter and a mark (ICAO Doc 9303, part 3, section 6).
_LETTERS = str.maketrans({"ß": "SS", "ẞ": "SS", "Æ": "AE", "Œ": "OE", "Ø": "O", "Ł": "L", "Đ": "D", "Ð": "D",
                          "Þ": "TH", "ı": "I"})
_MARKS = str.maketrans({"'": None, "’": None, "ʼ": None, "`": None, "-": " ", "‐": " ", "–": " "})


def gds_name(given_name: str, family_name: str) -> str:
    """`OBRIEN/ANA MARIA`. Spaces stay as they came: clean names are the front end's duty."""
    return f"{_transliterated(family_name)}/{_transliterated(given_name)}"


def _transliterated(name: str) -> str:
    letters = name.translate(_LETTERS).upper().translate(_LETTERS)
    apart = unicodedata.normalize("NFKD", letters)
    return "".join(char for char in apart if not unicodedata.combining(char)).translate(_MARKS).upper()
