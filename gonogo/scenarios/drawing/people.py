"""Names of people: legal, and awkward for systems that have only seen "Ana Lopez". All in NFC.

Latin names can be transcribed by the table of ICAO Doc 9303 (machine-readable travel documents). Some have letters
that no table of base letters and marks covers (Ħ, Ŋ): the suite of a system that cannot take them says so (`without`).
Marks for which no composed letter exists are written as escapes, so that they can be seen.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from gonogo.scenarios.drawing.choice import Choice, Takes, fresh_first


@dataclass(frozen=True, slots=True)
class DrawnPerson:
    """`key` is what the scenario calls the person; the names are what the person types.

    Neither name of two people of a scenario is the same, as long as the pools last; their full names never are.
    """

    key: str
    given_names: str
    family_name: str
    script: str

    @property
    def full_name(self) -> str:
        return f"{self.given_names} {self.family_name}"


@dataclass(frozen=True, slots=True)
class Name:
    """`kind` is what is awkward about it: people of one scenario get names of different kinds."""

    text: str
    kind: str
    script: str

    def __str__(self) -> str:
        return self.text


def _pool(names: Mapping[tuple[str, str], tuple[str, ...]]) -> Iterator[Name]:
    """`names` by script and kind."""
    return (Name(text, kind, script) for (script, kind), texts in names.items() for text in texts)


GIVEN = tuple(_pool({
    ("Latin", "plain"): ("Noor", "Sam"),
    ("Latin", "short"): ("Xi", "Ng"),
    ("Latin", "one letter"): ("O", "U", "Å", "Y"),
    ("Latin", "apostrophe"): ("D'Arcy", "N’Golo", "Mīrzā’ī"),
    ("Latin", "hyphen"): ("Jean-Luc", "Anne-Sophie", "Karl-Heinz"),
    ("Latin", "several words"): ("Mary Jane", "Ana María de los Ángeles", "Thị Minh Khai", "Abd al Rahman"),
    ("Latin", "accents"): ("Zoë", "Søren", "Łucja", "İlkay", "Ğülşen", "Þórdís", "Ştefania", "Nuño"),
    ("Latin", "combining"): ("Ẹ\u0301niọlá", "Adébáyọ\u0300", "Pitã\u0301"),
    ("Latin", "long"): (
        "Wolfeschlegelsteinhausenbergerdorff", "Uvuvwevwevwe Onyetenyevwe Ugwemubwem",
        "Pablo Diego José Francisco de Paula Juan Nepomuceno"),
    ("Latin", "word of machines"): ("Null", "True", "None"),
    ("Latin", "ends like another"): ("María José", "María Josefa"),
    ("Latin", "beyond base letters"): ("Ħelena", "Ŋaŋa"),
    ("Cyrillic", "Cyrillic"): ("Юлия", "Ёлка", "Ґалина"),
    ("Greek", "Greek"): ("Ζωή", "Αχιλλέας", "Ίρις"),
    ("Hebrew", "right to left"): ("דנה", "צ׳רלי", "בת־שבע"),
    ("Arabic", "right to left"): ("عبد الله", "زَيْنَب", "آرش"),
    ("Han", "beyond 16 bits"): ("𠮷郎",),
    ("Han", "Han"): ("伟", "梓涵"),
    ("Kana", "Kana"): ("さくら", "ヴィクトル", "がく"),
    ("Hangul", "Hangul"): ("하늘", "빛나리", "솔"),
    ("Devanagari", "combining"): ("श्री", "अक्षय", "ॐ"),
    ("Thai", "combining"): ("น้ำฝน", "พิมพ์", "เก๋"),
}))
FAMILY = tuple(_pool({
    ("Latin", "plain"): ("Smith", "Moreau"),
    ("Latin", "short"): ("Li", "Wu"),
    ("Latin", "one letter"): ("Q", "E", "Ó", "I"),
    ("Latin", "apostrophe"): ("O'Brien", "D’Angelo", "Nu'man", "'t Hooft"),
    ("Latin", "hyphen"): ("Smith-Jones", "Martin-Weiß", "Ó-Ceallaigh"),
    ("Latin", "several words"): ("van der Berg", "de la Cruz y Núñez", "Ní Shúilleabháin", "von und zu Strauß"),
    ("Latin", "accents"): (
        "Žižková", "Þorsteinsdóttir", "Ångström", "Çağlayan", "Kowalczyk-Łoś", "Nguyễn", "Þrastardóttir",
        "Œuvrard", "Ærøskøbing", "Đỗ"),
    ("Latin", "combining"): ("Ògúnbọ\u0300wálé", "Ẹ\u0301gbé", "Ọ\u0300ṣun"),
    ("Latin", "long"): (
        "Papadimitrakopoulopavlopoulos", "Keihanaikukauakahihuliheekahaunaele",
        "Saxe-Coburg-Gotha und zu Hohenlohe-Schillingsfürst"),
    ("Latin", "word of machines"): ("Null", "False", "Test"),
    ("Latin", "ends like another"): ("Lopez", "López"),
    ("Latin", "beyond base letters"): ("Għargħur", "Ŋvala"),
    ("Cyrillic", "Cyrillic"): ("Щербань", "Йовович", "Мар’яненко"),
    ("Greek", "Greek"): ("Παπαδόπουλος", "Ξένος", "Αΐδης"),
    ("Hebrew", "right to left"): ("לוי", "בן־גוריון", "ג׳ונס"),
    ("Arabic", "right to left"): ("العُمَري", "پژمان", "بن لادِيَة"),
    ("Han", "beyond 16 bits"): ("𠮷野家",),
    ("Han", "Han"): ("欧阳", "髙橋"),
    ("Kana", "Kana"): ("ドゥ・モンフォール", "たかはし", "パク"),
    ("Hangul", "Hangul"): ("남궁", "이", "황보"),
    ("Devanagari", "combining"): ("त्रिपाठी", "क्षत्रिय", "राष्ट्रवर्धन"),
    ("Thai", "combining"): ("ณ อยุธยา", "ศรีสุวรรณ", "เพ็ชร์ดี"),
}))
SCRIPTS = tuple(dict.fromkeys(each.script for each in FAMILY))


class People:
    """The people of one scenario: each draw takes names that no other has, of kinds that no other has, if it can."""

    def __init__(self, choice: Choice) -> None:
        self._choice = choice
        self._given: list[Name] = []
        self._family: list[Name] = []
        self._full: set[str] = set()

    def draw(self, key: str, takes: Takes) -> DrawnPerson | None:
        """A new person; None if the system takes no name that is left."""
        for family, given in self._pairs(key, takes):
            person = DrawnPerson(key, given.text, family.text, family.script)
            if person.full_name not in self._full:
                self._given.append(given)
                self._family.append(family)
                self._full.add(person.full_name)
                return person
        return None

    def _pairs(self, key: str, takes: Takes) -> Iterator[tuple[Name, Name]]:
        """(family name, given names), best first. A person is not called by one name twice."""
        given_names = self._best_first(f"given names of {key}", GIVEN, self._given, takes)
        for family in self._best_first(f"family name of {key}", FAMILY, self._family, takes):
            yield from ((family, given) for given in given_names
                        if given.script == family.script and given.text != family.text)

    def _best_first(self, purpose: str, pool: tuple[Name, ...], used: list[Name], takes: Takes) -> list[Name]:
        ranked = self._choice.ranked(purpose, (each for each in pool if takes.takes(each.text, each.script)))
        kinds = {each.kind for each in used}
        new_kinds_first = sorted(ranked, key=lambda each: each.kind in kinds)
        return fresh_first(new_kinds_first, used)
