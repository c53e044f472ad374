"""Contacts: names, numbers, archiving, merging. No I/O."""

from __future__ import annotations

import re
from typing import Final

from syncctl.sandbox.xero.answers import Invalid, Raw
from syncctl.sandbox.xero.store import Books

_EMAIL: Final = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
ARCHIVED: Final = (
    "The specified contact details matched an archived contact. Archived contacts cannot currently be edited via the "
    "API."
)
"""Recorded by a third party (corrin/docketworks)."""
_ADDRESSES: Final = ("STREET", "POBOX")
_PHONES: Final = ("DEFAULT", "DDI", "FAX", "MOBILE")


def write_contact(books: Books, sent: Raw, *, create: bool, strict: bool = True) -> Raw:
    """A contact created or updated: matched by id, else by number, else by name. Raises Invalid."""
    held = _matched(books, sent, create=create)
    if held is not None and held["ContactStatus"] != "ACTIVE" and strict:
        raise Invalid(ARCHIVED)
    if held is None and not sent.get("Name"):
        raise Invalid("The contact name must be specified.")
    if strict:
        _check(books, sent, held)
    found = {**(held or _blank(books)), **sent}
    found["Addresses"] = _typed("Address", _ADDRESSES, sent.get("Addresses"), held)
    found["Phones"] = _typed("Phone", _PHONES, sent.get("Phones"), held)
    return books.put("Contact", found)


def _matched(books: Books, sent: Raw, *, create: bool) -> Raw | None:
    if sent.get("ContactID") and not create:
        held = books.get("Contact", sent["ContactID"])
        if held is None:
            raise Invalid("The contact could not be found.")
        return held
    if create:
        return None
    if sent.get("ContactNumber"):
        found = next(books.where("Contact", "ContactNumber", sent["ContactNumber"]), None)
        if found is not None:
            return found
    named = sorted(books.where("Contact", "Name", sent.get("Name", "")), key=lambda raw: str(raw["ContactStatus"]))
    return named[0] if named and sent.get("Name") else None


def _check(books: Books, sent: Raw, held: Raw | None) -> None:
    own = held["ContactID"] if held else ""
    name, number, email = sent.get("Name"), sent.get("ContactNumber"), sent.get("EmailAddress")
    messages = []
    if name and any(
        raw["ContactID"] != own and raw["ContactStatus"] == "ACTIVE" for raw in books.where("Contact", "Name", name)
    ):
        messages.append(
            f"The contact name {name} is already assigned to another contact. The contact name must be unique across "
            "all active contacts."
        )
    if number and any(raw["ContactID"] != own for raw in books.where("Contact", "ContactNumber", number)):
        messages.append("Another contact has this contact number. Please enter a different contact number.")
    if email and not _EMAIL.fullmatch(email):
        messages.append("Email address must be valid.")
    if name and re.search(r"[<>]", name):
        messages.append("The contact name must not contain angle brackets.")
    if messages:
        raise Invalid(*messages)


def _blank(books: Books) -> Raw:
    return {
        "ContactID": books.new_id("Contact"),
        "ContactStatus": "ACTIVE",
        "EmailAddress": "",
        "BankAccountDetails": "",
        "ContactGroups": [],
        "IsSupplier": False,
        "IsCustomer": False,
        "SalesTrackingCategories": [],
        "PurchasesTrackingCategories": [],
        "ContactPersons": [],
        "HasAttachments": False,
        "HasValidationErrors": False,
    }


def _typed(what: str, types: tuple[str, ...], sent: list[Raw] | None, held: Raw | None) -> list[Raw]:
    """One element per type: what was sent over what was there; a type that was not sent stays as it was."""
    name, key = ("Addresses", "AddressType") if what == "Address" else ("Phones", "PhoneType")
    parts = ("City", "Region", "PostalCode", "Country") if what == "Address" else (
        "PhoneNumber", "PhoneAreaCode", "PhoneCountryCode"
    )  # fmt: skip
    found: dict[str, Raw] = {kind: {key: kind, **dict.fromkeys(parts, "")} for kind in types}
    for element in (held or {}).get(name, []):
        found[element[key]] = element
    for element in sent or []:
        kind = element.get(key, types[0])
        found[kind] = {**found.get(kind, {}), **element, key: kind}
    return list(found.values())


def usable(books: Books, sent: Raw) -> Raw:
    """The contact that a document names: by id, or made or changed by what else is said of it. Raises Invalid."""
    extra = set(sent) - {"ContactID"}
    found = books.get("Contact", sent["ContactID"]) if sent.get("ContactID") and not extra else None
    if found is None and extra:
        found = write_contact(books, sent, create=False)
    if found is None:
        raise Invalid("A valid contact must be specified.")
    if found["ContactStatus"] != "ACTIVE":
        raise Invalid(
            "The contact with the specified contact details has been archived. The contact must be un-archived before "
            "creating new invoices or credit notes."
        )
    return found


def merge(books: Books, loser: str, winner: str) -> None:
    """A person merges two contacts: the loser is archived and names the winner, who gets its documents."""
    kept, gone = books.get("Contact", winner), books.get("Contact", loser)
    assert kept is not None
    assert gone is not None
    books.put("Contact", {**gone, "ContactStatus": "ARCHIVED", "MergedToContactID": kept["ContactID"]})
    for kind in ("Invoice", "CreditNote", "BankTransaction"):
        for raw in tuple(books.all(kind).values()):
            if raw["Contact"]["ContactID"] == gone["ContactID"]:
                books.put(kind, {**raw, "Contact": named(kept)}, touch=False)


def named(contact: Raw) -> Raw:
    """A contact as a document shows it."""
    return {
        "ContactID": contact["ContactID"],
        "Name": contact["Name"],
        "Addresses": [],
        "Phones": [],
        "ContactGroups": [],
        "ContactPersons": [],
        "HasValidationErrors": False,
    }
