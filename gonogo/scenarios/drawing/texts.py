"""Free text as people write it, and as escaping, cutting and storing go wrong with it. Without control characters."""

from __future__ import annotations

from typing import NamedTuple


class Text(NamedTuple):
    text: str
    script: str = "Latin"

    def __str__(self) -> str:
        return self.text


TEXTS = (
    Text("x"), Text("0"), Text("null"), Text("false"), Text("-"), Text("N/A"),
    Text("Fish & chips <3"), Text("<b>bold</b> is not bold"), Text("&amp; stays &amp;"), Text("5 > 3 && 2 < 4"),
    Text("It's Ana's \"quote\""), Text("Robert'); DROP TABLE students;--"), Text("100 % of {this} and $that"),
    Text("%s %d %n"), Text("C:\\new\\table"), Text("a, b; c|d"), Text("=1+1"), Text("+44 20 7946 0000"), Text("007"),
    Text("1e3"), Text("12:30"), Text("2027-02-30"), Text("Line endings are for others"), Text("many   spaces"),
    Text("Smörgåsbord für Žofie"), Text("“curly” – dashed — quotes…"), Text("née Ọ\u0300ṣun"), Text("ﬁne ligature ½"),
    Text("👩‍👩‍👧‍👦 and 🇨🇷 and 👍🏽", "Emoji"), Text("✈️ tomorrow", "Emoji"), Text("a\u00a0no-break\u2009space"),
    Text("Привет, Ёж!", "Cyrillic"), Text("Ναί, Σίσυφος", "Greek"), Text("שלום, world (1)", "Hebrew"),
    Text("مرحبا 123!", "Arabic"), Text("𠮷野家で会いましょう", "Han"), Text("ｶﾀｶﾅ と がぎぐ", "Kana"),
    Text("안녕, 세계", "Hangul"), Text("क्षत्रिय नमस्ते", "Devanagari"), Text("น้ำแข็ง", "Thai"),
    Text("A sentence that goes on and on, as people do who have a reason to complain, " * 3 + "and then it ends."),
)
