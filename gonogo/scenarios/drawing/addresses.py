"""Postal addresses in the forms of several countries: the forms are the countries' own, most streets are made up."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Address:
    """`lines` are those before the city; `region` and `postal_code` are "" where the country's addresses have none;
    `country` is ISO 3166-1 alpha-2.
    """

    lines: tuple[str, ...]
    city: str
    postal_code: str
    region: str
    country: str
    script: str = "Latin"

    def __str__(self) -> str:
        return ", ".join(part for part in (*self.lines, self.city, self.region, self.postal_code, self.country) if part)


ADDRESSES = (
    Address(("1½ Elm St, Apt 4-B",), "Winchester-on-the-Severn", "21405-0007", "MD", "US"),
    Address(("PO Box 9",), "Boston", "02101", "MA", "US"),
    Address(("Flat 0", "12A O'Connell's Yard"), "Llanfairpwllgwyngyll", "LL61 5UJ", "", "GB"),
    Address(("The Old Rectory",), "Ely", "CB7 4BT", "Cambridgeshire", "GB"),
    Address(("Straße des 17. Juni 135",), "Dresden", "01067", "", "DE"),
    Address(("Q7, 24",), "Mannheim", "68161", "", "DE"),
    Address(("Dooneen", "Ballyferriter"), "Baile an Fheirtéaraigh", "V92 X8N4", "Co. Kerry", "IE"),
    Address(("3 bis, rue de l'Abbé-Grégoire", "BP 70"), "Paris CEDEX 06", "75270", "", "FR"),
    Address(("'s-Gravenhekje 1-hs",), "'s-Hertogenbosch", "1011 TG", "", "NL"),
    Address(("ul. Żwirki i Wigury 1/2 m. 3",), "Łódź", "00-001", "", "PL"),
    Address(("Av. Nª Sª de Copacabana, 0 – ap. 101",), "São João d'Aliança", "01001-000", "GO", "BR"),
    Address(("Km 12,5 Carretera Vieja, 200 m sur de la iglesia",), "San José", "10101", "San José", "CR"),
    Address(("Flat A, 8/F, Blk 2", "1 Queen's Road Central"), "Hong Kong", "", "", "HK"),
    Address(("P.O. Box 500001",), "Dubai", "", "Dubai", "AE"),
    Address(("100 Rue Sainte-Anne, bureau 2",), "Saint-Louis-du-Ha! Ha!", "G0L 3S0", "QC", "CA"),
    Address(("Å 7",), "Å i Lofoten", "8392", "", "NO"),
    Address(("No. 4, 2nd Cross, opp. Post Office",), "Bengaluru", "560001", "Karnataka", "IN"),
    Address(("千代田１丁目１番１号",), "千代田区", "100-0001", "東京都", "JP", "Han"),
    Address(("세종대로 110",), "중구", "04524", "서울특별시", "KR", "Hangul"),
    Address(("ул. 8-го Марта, д. 1/2, кв. 3",), "Йошкар-Ола", "424000", "Марий Эл", "RU", "Cyrillic"),
    Address(("Λεωφ. Βασιλίσσης Σοφίας 2",), "Αθήνα", "106 74", "", "GR", "Greek"),
    Address(("רח׳ בן־יהודה 1א",), "תל אביב–יפו", "6380101", "", "IL", "Hebrew"),
    Address(("١٢ شارع التحرير",), "القاهرة", "11511", "", "EG", "Arabic"),
)
COUNTRIES = tuple(sorted({each.country for each in ADDRESSES}))
