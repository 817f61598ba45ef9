"""bookings: names as the reservation system writes them."""

from __future__ import annotations

import pytest

from travel.bookings.names import gds_name


@pytest.mark.parametrize(("given", "family", "name"), [
    ("Ana Maria", "O'Brien", "OBRIEN/ANA MARIA"), ("Zoë", "Groß", "GROSS/ZOE"), ("Søren", "Ærø", "AERO/SOREN"),
    ("Jean-Luc", "D’Été", "DETE/JEAN LUC"), ("Łukasz", "Żółć", "ZOLC/LUKASZ"), ("Þóra", "Guðrún", "GUDRUN/THORA"),
    ("Nguyễn", "Đặng", "DANG/NGUYEN"), ("İpek", "Işık", "ISIK/IPEK"), ("José", "Muñoz", "MUNOZ/JOSE")])
def test_names_are_transliterated(given: str, family: str, name: str) -> None:
    """Accents go, letters of their own are spelled out, apostrophes go, hyphens become spaces."""
    assert gds_name(given, family) == name


def test_a_name_that_was_typed_in_two_ways_is_the_same() -> None:
    """Composed and decomposed letters give the same name."""
    assert gds_name("Zo\u00eb", "X") == gds_name("Zoe\u0308", "X")


def test_spaces_are_left_as_they_came() -> None:
    """Clean names are the front end's duty; nothing is hidden from the reservation system."""
    assert gds_name(" Ana", "Silva ") == "SILVA / ANA"
