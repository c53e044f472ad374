"""The named functions of `as`: both sides of a field are compared through one of them. No I/O.

Each takes a text and gives the text that stands for it in comparisons, and each is idempotent. None raises, but for
`salesforce_id`: Undecodable for an id that cannot be one. The list is closed; an installed package adds to it through
the entry point group `syncctl.compare`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Final, TypeAlias

from syncctl.fields.salesforce_ids import comparable

AsFunction: TypeAlias = Callable[[str], str]
GROUP: Final = "syncctl.compare"

_BLANKS = re.compile(r"\s+")
_IN_ANGLES = re.compile(r"<([^<>\s]+@[^<>\s]+)>")
_MAILTO = re.compile(r"(?:mailto:\s*)+")
_SCHEME = re.compile(r"(?:[a-z][a-z0-9+.-]*:/+)+")
_EXTENSION = re.compile(r"(?<=\d)[\s,;]*(?:extension|ext|x|#)[\s.:]*(\d{1,7})\s*$", re.IGNORECASE)
_MARKS = re.compile("[\u0300-\u036f]")
_APOSTROPHES = re.compile("['`´ʼʹ′‘’‛＇.]")
_OUTSIDE_WORDS = re.compile(r"[\W_]+")

_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ß": "ss"})
"""Letters that look accented but have no decomposition in Unicode."""

LEGAL_FORMS: Final = frozenset(
    (
        "inc incorporated corp corporation co company llc llp lllp lp pllc pc ltd limited plc cic "
        "gmbh mbh ag kg kgaa ohg ug eg ev se sa sas sarl sasu snc srl sro spa sl slu sc scs bv nv vof cv "
        "ab oy oyj as asa aps ks hf ehf kft zrt oo doo dd ad ood eood pty pte pvt bhd sdn kk gk ltda lda eireli"
    ).split()
)
"""Legal forms as they stand at the end of a name, without dots."""
_BEFORE_LEGAL_FORMS: Final = frozenset({"and", "private", "proprietary", "public"})

COUNTRY_NICKNAMES: Final = {
    "uk": "GB", "great britain": "GB", "england": "GB", "scotland": "GB", "wales": "GB", "northern ireland": "GB",
    "us": "US", "america": "US", "holland": "NL", "czech republic": "CZ", "south korea": "KR", "korea": "KR",
    "north korea": "KP", "russia": "RU", "ivory coast": "CI", "swaziland": "SZ", "macedonia": "MK", "burma": "MM",
    "cape verde": "CV", "turkey": "TR", "vatican": "VA", "macau": "MO", "uae": "AE", "taiwan": "TW", "vietnam": "VN",
    "bolivia": "BO", "venezuela": "VE", "tanzania": "TZ", "moldova": "MD", "iran": "IR", "syria": "SY", "laos": "LA",
}  # fmt: skip
"""Names people write that the ISO 3166 list does not hold."""


def trim(text: str) -> str:
    """NFC, outer blanks off, inner runs of blanks as one."""
    if text.isascii() and text.isprintable() and "  " not in text:
        return text.strip()
    return _BLANKS.sub(" ", unicodedata.normalize("NFC", text)).strip()


def upper(text: str) -> str:
    """Trimmed, in capitals."""
    return trim(trim(text).upper())


def lower(text: str) -> str:
    """Trimmed, in small letters."""
    return trim(trim(text).lower())


def digits(text: str) -> str:
    """Only the decimal digits, as 0-9."""
    return "".join(str(unicodedata.decimal(char)) for char in text if char.isdecimal())


def email(text: str) -> str:
    """`Ana <Ana@X.com>` and `mailto:ana@x.com` are both `ana@x.com`."""
    small = _folded(text)
    inside = _IN_ANGLES.search(small)
    return trim(_MAILTO.sub("", inside.group(1) if inside else small))


def domain(text: str) -> str:
    """The host of a web address or e-mail address, without `www.`: `https://www.acme.com/about` is `acme.com`."""
    rest = _SCHEME.sub("", email(text))
    host = re.split(r"[/?#\\\s]", rest, maxsplit=1)[0].rpartition("@")[2].partition(":")[0].strip(".")
    while host.startswith("www."):
        host = host.removeprefix("www.").strip(".")
    return host


def phone(text: str) -> str:
    """E.164 where the country is given (`+1 …`, `001 …`), else the digits; an extension follows as `x12`."""
    extension = _EXTENSION.search(text)
    main = text[: extension.start()] if extension else text
    number = digits(main)
    if not number:
        return lower(text)
    before = re.split(r"\d", main, maxsplit=1)[0]
    international = "+" in before or "＋" in before or number.startswith("00")
    if international and number.strip("0"):
        number = _e164(number.lstrip("0"))
    return number + (f"x{digits(extension.group(1))}" if extension else "")


def _e164(number: str) -> str:
    """An international number in its written form, without what people put in between: `+44 (0) 20`."""
    formatted = _formatted(number)
    # A form that reads back as something else is no number that exists.
    return formatted if formatted and _formatted(formatted[1:]) == formatted else f"+{number}"


def _formatted(number: str) -> str:
    """E.164 of country code and number, or nothing where no such number is possible."""
    import phonenumbers

    try:
        parsed = phonenumbers.parse(f"+{number}")
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_possible_number(parsed):
        return ""
    formatted: str = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    return formatted


def company_name(text: str) -> str:
    """A company without case, accents, punctuation and legal form: `Müller & Söhne GmbH` is `muller and sohne`."""
    words = _words(text.replace("&", " and ")).split()
    kept = list(words)
    while len(kept) > 1 and (kept[-1] in LEGAL_FORMS or (len(kept) < len(words) and kept[-1] in _BEFORE_LEGAL_FORMS)):
        kept.pop()
    return " ".join(kept)


def country(text: str) -> str:
    """The ISO 3166 alpha-2 code of a name, nickname, alpha-2 or alpha-3 code; other text without case and accents."""
    words = _words(text)
    return _countries().get(words, words)


def salesforce_id(text: str) -> str:
    """A Salesforce id as its 18 characters, copied with 15 or with 18; other text as it is.

    Raises Undecodable for 18 characters whose last three do not fit the rest.
    """
    return comparable(trim(text))


@cache
def _countries() -> Mapping[str, str]:
    import pycountry

    known = {_words(name): code for name, code in COUNTRY_NICKNAMES.items()}
    for found in pycountry.countries:
        names = (found.name, getattr(found, "official_name", ""), getattr(found, "common_name", ""))
        for name in (found.alpha_2, found.alpha_3, *filter(None, names)):
            known.setdefault(_words(name), found.alpha_2)
    return known


def _folded(text: str) -> str:
    """NFC, without case. Twice, because folding can bring forth letters that fold again."""
    return trim(trim(text).casefold())


def _words(text: str) -> str:
    """Letters and digits without case and accents, words divided by one blank."""
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold()).casefold()
    plain = _APOSTROPHES.sub("", _MARKS.sub("", plain).translate(_LETTERS))
    return _OUTSIDE_WORDS.sub(" ", unicodedata.normalize("NFC", plain)).strip()


BUILT_IN: Final[Mapping[str, AsFunction]] = {
    function.__name__: function
    for function in (company_name, country, digits, domain, email, lower, phone, salesforce_id, trim, upper)
}


class _AsFunctions(Mapping[str, AsFunction]):
    """The built-in functions, and behind them those of installed packages, looked for only when a name is not ours."""

    def __getitem__(self, name: str) -> AsFunction:
        return BUILT_IN[name] if name in BUILT_IN else _installed()[name]

    def __iter__(self) -> Iterator[str]:
        return iter({**_installed(), **BUILT_IN})

    def __len__(self) -> int:
        return len({**_installed(), **BUILT_IN})


@cache
def _installed() -> Mapping[str, AsFunction]:
    from importlib.metadata import entry_points

    return {found.name: found.load() for found in entry_points(group=GROUP)}


AS_FUNCTIONS: Final[Mapping[str, AsFunction]] = _AsFunctions()
"""Every function that `as:` can name."""
