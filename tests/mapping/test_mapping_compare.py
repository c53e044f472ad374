"""The named functions of `as`."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syncctl.fields.undecodable import Undecodable
from syncctl.mapping.compare import AS_FUNCTIONS, BUILT_IN

ALPHABET = "aZéßøŁİı'’.,&@<>+0123456789 \u00a0()x#:/-wwwincmailtoext\u0301\u3099ﬁŉΐ"
TEXTS = st.one_of(
    st.text(max_size=40),
    st.text(alphabet=ALPHABET, max_size=40),
    st.lists(
        st.sampled_from(
            ["mailto:", "https://", "www.", "Acme", "Inc.", "& Co", "GmbH", "+49", "00", "(0)", "030", "ext. 5", "x1",
             "a@b.co", "<", ">", " ", "/p?q", "United", "States", "NO", "Côte d’Ivoire", "and", "private", ":", "."]
        ),
        max_size=7,
    ).map("".join),
)  # fmt: skip


@pytest.mark.parametrize("name", sorted(BUILT_IN))
@settings(deadline=None)
@given(text=TEXTS)
def test_every_function_is_idempotent_and_raises_only_for_an_id_that_cannot_be_one(name: str, text: str) -> None:
    try:
        once = AS_FUNCTIONS[name](text)
    except Undecodable:
        assert name == "salesforce_id"
        return
    assert AS_FUNCTIONS[name](once) == once


@pytest.mark.parametrize(
    ("name", "same"),
    [
        ("salesforce_id", ["0015500001QdZPK", "0015500001QdZPKAA3", " 0015500001qdzpkaa3"]),
        ("email", ["Ana@Example.COM", " ana@example.com ", "mailto:ana@example.com", "Ana Lopez <ana@example.com>"]),
        (
            "domain",
            ["acme.com", "https://www.Acme.com/about?x=1", "billing@acme.com", "http://acme.com:8080", "acme.com."],
        ),
        ("phone", ["+1 415-555-2671", "+1 (415) 555 2671", "001 415 555 2671", "+14155552671"]),
        ("phone", ["+44 (0)20 7946 0958", "+44 20 7946 0958"]),
        ("phone", ["+1 415 555 2671 ext. 12", "+14155552671x12"]),
        ("phone", ["(415) 555-2671", "415.555.2671"]),
        ("country", ["NO", "Norway", "NOR", "norway "]),
        ("country", ["United Kingdom", "UK", "U.K.", "GBR", "england"]),
        ("country", ["US", "USA", "U.S.A.", "United States", "United States of America"]),
        ("country", ["Côte d'Ivoire", "Cote d’Ivoire", "CIV", "Ivory Coast"]),
        ("upper", ["ab c", " AB  c "]),
        ("lower", ["AB c", " ab  c "]),
        ("trim", ["a b", " a\u00a0 b "]),
        ("digits", ["12-34", "1234", "١٢٣٤"]),
    ],
)
def test_spellings_of_one_value_are_equal(name: str, same: list[str]) -> None:
    assert len({AS_FUNCTIONS[name](text) for text in same}) == 1


def test_a6_names_that_differ_by_case_space_accent_or_apostrophe_are_one_company() -> None:
    names = [
        "O'Brien & Söhne Ltd.", "O’Brien and Sohne", "o'brien  &\u00a0sohne LIMITED ", "OBRIEN AND SOHNE, Ltd",
    ]  # fmt: skip
    assert {AS_FUNCTIONS["company_name"](name) for name in names} == {"obrien and sohne"}


@pytest.mark.parametrize(
    ("name", "left", "right"),
    [
        ("company_name", "Acme GmbH & Co. KG", "Acme"),
        ("company_name", "Acme Pty Ltd", "ACME Inc."),
        ("company_name", "Łódź Sp. Z O.O.", "lodz sp z oo"),
    ],
)
def test_the_legal_form_does_not_tell_companies_apart(name: str, left: str, right: str) -> None:
    assert AS_FUNCTIONS[name](left) == AS_FUNCTIONS[name](right)


@pytest.mark.parametrize(
    ("name", "left", "right"),
    [
        ("company_name", "Acme North", "Acme South"),
        ("company_name", "が株式会社", "か株式会社"),
        ("phone", "+1 415 555 2671", "+1 415 555 2672"),
        ("phone", "+14155552671x1", "+14155552671x2"),
        ("phone", "ask Bob", "ask Eve"),
        ("salesforce_id", "0015500001QdZPK", "0015500001QdZPk"),
        ("salesforce_id", "n/a", "0015500001QdZPK"),
        ("country", "Atlantis", "Lemuria"),
        ("country", "NO", "NE"),
        ("domain", "acme.com", "acme.org"),
        ("email", "a.b@x.com", "ab@x.com"),
    ],
)
def test_different_values_stay_different(name: str, left: str, right: str) -> None:
    assert AS_FUNCTIONS[name](left) != AS_FUNCTIONS[name](right)


def test_a_name_that_is_only_a_legal_form_stays() -> None:
    assert AS_FUNCTIONS["company_name"]("Limited") == "limited"


def test_country_gives_the_alpha_2_code() -> None:
    assert [AS_FUNCTIONS["country"](text) for text in ("Germany", "DEU", "de")] == ["DE", "DE", "DE"]


def test_the_list_is_closed() -> None:
    assert "soundex" not in AS_FUNCTIONS
    assert AS_FUNCTIONS.get("soundex") is None
    assert set(BUILT_IN) <= set(AS_FUNCTIONS)


def test_an_installed_package_adds_a_function_but_replaces_none(monkeypatch: pytest.MonkeyPatch) -> None:
    from importlib import metadata

    from syncctl.mapping import compare

    offered = (
        metadata.EntryPoint("reverse", "syncctl_test_plugin:reverse", compare.GROUP),
        metadata.EntryPoint("trim", "syncctl_test_plugin:reverse", compare.GROUP),
    )
    monkeypatch.setattr(metadata.EntryPoint, "load", lambda _self: lambda text: text[::-1])
    monkeypatch.setattr(metadata, "entry_points", lambda **_: offered)
    compare._installed.cache_clear()
    try:
        assert AS_FUNCTIONS["reverse"]("abc") == "cba"
        assert AS_FUNCTIONS["trim"](" a ") == "a"
    finally:
        compare._installed.cache_clear()
