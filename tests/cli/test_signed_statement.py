"""What a controller signs: nothing of the records in scope vanishes, and every page says what it leaves out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from getpass import getuser

import pytest

from cli.house import House, Said, house


@pytest.fixture(scope="module")
def typed() -> Iterator[tuple[House, str]]:
    """After a dry run, and a payment that somebody typed into QuickBooks by hand was pulled."""
    with house() as found:
        books = found.boxes["quickbooks"].vendor
        customer = next(iter(books.state()["Customer"].values()))
        payment = {"CustomerRef": {"value": customer["Id"]}, "TotalAmt": 54321, "TxnDate": "2026-11-19"}
        made = books.seed("Payment", payment)
        found.run("pull")
        yield found, f"quickbooks:Payment:{made['Id']}"


def payments(said: Said) -> str:
    return " ".join(said.out.partition("\npayments\n")[2].partition("\n\n")[0].split())


def test_a_payment_that_only_the_books_have_is_counted_and_totalled(typed: tuple[House, str]) -> None:
    text = payments(typed[0].run("diff", "payments"))
    assert " not compared (mapping says ignore)" in text
    assert "quickbooks Payment records: all matched" not in text
    lines = typed[0].run("diff", "payments", "--json").json["statement"]
    assert {"54321.00"} <= {line["right_not_compared"] for line in lines}
    assert all(line["foots"] for line in lines)
    assert "not compared" in typed[0].run("diff", "payments").out.partition("\nNEXT")[0].rstrip().splitlines()[-1]


def test_explain_says_that_the_mapping_ignores_a_record_and_where(typed: tuple[House, str]) -> None:
    house_, ref = typed
    text = " ".join(house_.run("explain", ref).out.split())
    assert "not compared: the mapping ignores quickbooks Payment records without a partner" in text
    assert "mappings/payments.yaml:" in text
    assert any("payments.yaml:" in row["said"] for row in house_.run("explain", ref, "--json").json["rows"])


def test_what_was_accepted_stands_in_the_statement_with_note_person_and_day_until_taken_back() -> None:
    with house() as fresh:
        listed = fresh.run("findings", "list", "invoices", "--json").json["rows"]
        row = next(one for one in listed if one["kind"] == "missing")
        number = str(row["number"])
        fresh.run("findings", "accept", number, "--note", "paid in cash, receipt 7")
        day = f"{fresh.clock.now():%Y-%m-%d}"
        page = fresh.run("diff").out.partition("\nACCEPTED ")[2]
        assert f"{number}  {row['name']}" in page
        assert f"accepted by {getuser()} on {day}: paid in cash, receipt 7" in page
        assert f"by {getuser()} on {day}: paid in cash" in fresh.run("findings", "list", "--all").out
        listed = fresh.run("findings", "list", "--all", "--json").json["rows"]
        (kept,) = [one for one in listed if one["accepted"]]
        assert (kept["accepted_by"], kept["accepted_at"][:10]) == (getuser(), day)
        (planned,) = [one for one in fresh.run("plan", "--json").json["plan"]["findings"] if one["accepted"]]
        assert planned["accepted_by"] == getuser()
        assert fresh.run("findings", "reopen", number).code == 0
        assert "\nACCEPTED " not in fresh.run("diff").out
        assert fresh.run("findings", "reopen", number).code == 64
        audited = "SELECT body FROM audit WHERE event = 'finding.reopened'"
        (told,) = fresh.run("ledger", "query", audited, "--json").json["rows"]
        assert "receipt 7" in told["body"]


def test_a_diff_is_dated_by_its_pulls_and_warns_when_they_are_old() -> None:
    with house() as fresh:
        at = fresh.clock.now()
        fresh.clock.sleep(2 * 3600)
        page = " ".join(fresh.run("diff").out.split())
        assert f"STATEMENT as of the pulls of {at:%d %B %Y}, " in page
        assert sorted(re.findall(r"[(,] ?(\w+) \d\d:\d\d", page)) == ["hubspot", "quickbooks", "stripe"]
        assert "these records are old" not in page
        fresh.clock.sleep(50 * 3600)
        said = "these records are old: stripe 2 days, quickbooks 2 days"
        assert said in " ".join(fresh.run("diff", "invoices").out.split())
        as_csv = fresh.run("diff", "invoices", "-o", "csv")
        assert said in as_csv.err
        assert said not in as_csv.out
        assert set(fresh.run("diff", "invoices", "--json").json["pulled"]) == {"stripe", "quickbooks"}


def test_doctor_and_the_dry_run_name_the_currencies_without_a_ceiling() -> None:
    with house() as fresh:
        doctor = {row["check"]: row for row in fresh.run("doctor", "--json").json["rows"]}
        assert doctor["amount guards"]["state"] == "ok"
        welcome = fresh.folder / "mappings" / "welcome.yaml"
        welcome.write_text(
            "mapping: welcome\nleft: stripe.customer\nright: quickbooks.Invoice\ncreate: right\n"
            "match: [{left: metadata.welcome, right: Id}]\nfields: [{left: id, right: PrivateNote, owner: left}]\n"
        )
        doctor = {row["check"]: row for row in fresh.run("doctor", "--json").json["rows"]}
        assert "what mapping welcome makes has an amount that max_amount does not" in doctor["amount guards"]["cause"]
        welcome.unlink()
        settings = fresh.folder / "syncctl.yaml"
        settings.write_text(re.sub(r"max_amount: \[.*?\]", "max_amount: [1000000 USD]", settings.read_text()))
        said = fresh.run("doctor", "--json")
        doctor = {row["check"]: row for row in said.json["rows"]}
        assert (said.code, doctor["amount guards"]["state"]) == (0, "weak")
        assert "no max_amount names EUR, JPY" in doctor["amount guards"]["cause"]
        for command in (("plan",), ("reconcile", "--dry-run")):
            assert "no max_amount names EUR" in fresh.run(*command).err
