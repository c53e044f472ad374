"""The words the pretend company is made of: names, places, products. No I/O.

Every e-mail domain ends in .example and every telephone number is one set aside for fiction or tests.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from syncctl.sandbox.facts import Currency, Owner, Product


@dataclass(frozen=True, slots=True)
class Place:
    """A city and how addresses and numbers look there; `phone` has as many # as digits to fill in."""

    city: str
    state: str
    postal_code: str
    country: str
    country_name: str
    streets: tuple[str, ...]
    phone: str


_US = ("Market Street", "Mission Avenue", "Harbor Boulevard", "Elm Street", "2nd Avenue", "County Road 12")
_DE = ("Goethestraße", "Lindenallee", "Am Großen Wall", "Schönhauser Straße")
_FR = ("rue de l'Église", "avenue Jean-Jaurès", "quai de la Rapée")

PLACES: Final[dict[Currency, tuple[Place, ...]]] = {
    "USD": (
        Place("San Francisco", "CA", "94105", "US", "United States", _US, "+141555501##"),
        Place("New York", "NY", "10001", "US", "United States", _US, "+121255501##"),
        Place("Austin", "TX", "78701", "US", "United States", _US, "+151255501##"),
        Place("Chicago", "IL", "60601", "US", "United States", _US, "+131255501##"),
        Place("Boston", "MA", "02108", "US", "United States", _US, "+161755501##"),
        Place("St. Paul", "MN", "55101", "US", "United States", _US, "+165155501##"),
    ),
    "EUR": (
        Place("München", "BY", "80331", "DE", "Germany", _DE, "+493023125###"),
        Place("Köln", "NW", "50667", "DE", "Germany", _DE, "+493023125###"),
        Place("Paris", "", "75012", "FR", "France", _FR, "+33199001###"),
        Place("Málaga", "AN", "29015", "ES", "Spain", ("calle Ñuñoa", "avenida de Andalucía"), "+34910123###"),
        Place("Dublin", "", "D02 X285", "IE", "Ireland", ("St. Stephen's Green", "O'Connell Street"), "+35312345###"),
    ),
    "JPY": (
        Place("東京都", "", "100-0001", "JP", "Japan", ("千代田1-1", "丸の内2-4"), "+81355551###"),
        Place("Ōsaka", "", "530-0001", "JP", "Japan", ("Umeda 3-1", "Nakanoshima 2-2"), "+81355552###"),
    ),
}

SPECIAL_NAMES: Final[dict[Currency, tuple[str, ...]]] = {
    "USD": (
        "O'Brien & Sons",
        "Smith, Jones & Partners LLC",
        "100% Organic Farms",
        "Back\\slash Labs",
        "Rocket 🚀 Supply",
        'The "Quote" Company',
        "Peña Roofing, Inc.",
        "D’Angelo’s Pizza",
        "AT/OR Architects",
        "Nguyễn Imports",
        "#1 Movers",
        "Levi-Strauß Tailors",
    ),
    "EUR": (
        "Café Müller GmbH",
        "Ærø Skibsværft ApS",
        "L'Éclair de Génie SARL",
        "Łódź Design sp. z o.o.",
        "Señor Ñandú S.L.",
        "Βιβλιοπωλείο Αθήνα",
    ),
    "JPY": ("株式会社さくら", "Tōkai Denki K.K.", "合同会社ひかり", "Fuji & Co."),
}
"""Names that trip programs up: quotes, percent, backslash, emoji, other scripts. Each is used once, first."""

FIRST_WORDS: Final = """
    Amber Anchor Aspen Atlas Aurora Badger Basalt Beacon Birch Bison Bluebird Bramble Bridgewater Bronze
    Calder Canyon Cardinal Cedar Cinder Clover Cobalt Copper Coral Crescent Cypress Dakota Delta Driftwood
    Eagle Ember Evergreen Falcon Fern Flint Foxglove Garnet Glacier Granite Gulf Hawthorn Heron Hickory
    Horizon Indigo Iron Ivory Jasper Juniper Keystone Lantern Larkspur Lighthouse Linden Lunar Magnolia Maple
    Marigold Meridian Mesa Midland Monarch Nimbus Northgate Oakmont Obsidian Onyx Orchard Osprey Pacific
    Pebble Pinnacle Prairie Quartz Quill Redwood Ridge Saffron Sage Sequoia Silverton Slate Solstice Sparrow
    Summit Sycamore Tamarack Thistle Timber Topaz Trellis Tundra Umber Valley Verdant Vesper Walnut Willow
    Wren Yarrow Zephyr
""".split()
SECOND_WORDS: Final = """
    Analytics Apparel Architects Bakery Bicycles Books Botanicals Brewing Cartography Ceramics Cinema Coffee
    Consulting Dental Dynamics Electric Engineering Farms Fitness Foods Freight Furniture Gardens Glassworks
    Hardware Health Hospitality Instruments Interiors Kitchens Laboratories Landscaping Legal Logistics
    Machining Marine Media Optics Outfitters Packaging Pharmacy Photography Plumbing Press Publishing Records
    Robotics Roofing Security Software Solar Staffing Studios Surveying Textiles Timberworks Toys Travel
    Veterinary Vineyards
""".split()
LEGAL_FORMS: Final[dict[Currency, tuple[str, ...]]] = {
    "USD": ("", "Inc.", "LLC", "& Co."),
    "EUR": ("GmbH", "SARL", "S.L.", "Ltd."),
    "JPY": ("K.K.", "G.K."),
}

FIRST_NAMES: Final = """
    Amélie Ana Björn Carlos Chloé Dana Élodie Fatima George Hana Ines Jürgen Kenji Lucía María Núria Olu Priya
    Quentin Renée Siobhán Tomáš Uma Victor Wei Xavier Yuki Zoë
""".split()
LAST_NAMES: Final = """
    Abbott Åkesson Brontë Castañeda D'Souza Eriksson Fernández García Hoffmann Ishikawa Jørgensen Kowalski
    Lefèvre MacDonald Nakamura O'Connor Peña Quiñones Rossi Sørensen Tanaka Ueda Vásquez Weiß Xu Yılmaz
    Zimmermann
""".split()

OWNERS: Final = (
    Owner(1, "Maya", "Okafor", "maya.okafor@northwind-billing.example"),
    Owner(2, "Liam", "O'Hara", "liam.ohara@northwind-billing.example"),
    Owner(3, "Sofia", "Lindqvist", "sofia.lindqvist@northwind-billing.example"),
    Owner(4, "Kenta", "Mori", "kenta.mori@northwind-billing.example"),
)

REFUND_REASONS: Final = ("requested_by_customer", "duplicate", "")
CREDIT_MEMOS: Final = ("Goodwill for late delivery", "Service credit, outage of the 3rd", "Billed one seat too many")


def _product(key: int, sku: str, name: str, description: str, usd: str, jpy: str, *, taxable: bool = False) -> Product:
    dollars = Decimal(usd)
    euros = (dollars * Decimal("0.92")).quantize(Decimal("0.01"))
    return Product(key, sku, name, description, {"USD": dollars, "EUR": euros, "JPY": Decimal(jpy)}, taxable)


PRODUCTS: Final = (
    _product(1, "SUB-START", "Starter plan", "Starter plan, per seat and month", "19.00", "2900"),
    _product(2, "SUB-TEAM", "Team plan", "Team plan, per seat and month", "49.00", "7500"),
    _product(3, "SUB-ENT", "Enterprise plan", "Enterprise plan, per seat and month", "129.90", "19800"),
    _product(4, "ADD-STOR", "Extra storage", "Extra storage, per 100 GB", "8.33", "1250"),
    _product(5, "ADD-API", "API calls", "API calls, per 10,000", "0.75", "110"),
    _product(6, "SRV-ONB", "Onboarding", "Onboarding workshop, per day", "1450.00", "220000"),
    _product(7, "SRV-CON", "Consulting", "Consulting, per hour", "185.00", "28000"),
    _product(8, "SRV-TRN", "Training", "Training, per person", "320.00", "48000"),
    _product(9, "HW-GATE", "Gateway", "Gateway, rack mount", "899.99", "138000", taxable=True),
    _product(10, "HW-SENS", "Sensor", "Sensor, door & window", "34.95", "5300", taxable=True),
    _product(11, "HW-CABL", "Cable kit", 'Cable kit, 1/2" conduit', "12.49", "1900", taxable=True),
    _product(12, "HW-SPAR", "Spare parts", "Spare parts, assorted", "61.07", "9300", taxable=True),
)
