"""The standard objects that the pretend org has, as far as finance looks at them. No I/O."""

from __future__ import annotations

from typing import Final

from syncctl.sandbox.salesforce.fields import FieldDef, ObjectDef

STAGES: Final = (
    "Prospecting",
    "Qualification",
    "Needs Analysis",
    "Proposal/Price Quote",
    "Negotiation/Review",
    "Closed Won",
    "Closed Lost",
)
"""Stages of a new org (recorded descriptions), some left out; the field is not restricted, so any text is taken."""

_ID: Final = FieldDef("Id", "id", "dL", "Record ID")
_SYSTEM: Final = (
    FieldDef("CreatedDate", "datetime", "d", "Created Date"),
    FieldDef("CreatedById", "reference", "d", "Created By ID", refers_to=("User",), relationship="CreatedBy"),
    FieldDef("LastModifiedDate", "datetime", "d", "Last Modified Date"),
    FieldDef("LastModifiedById", "reference", "d", "Last Modified By ID", refers_to=("User",)),
    FieldDef("SystemModstamp", "datetime", "d", "System Modstamp"),
)
_DELETED: Final = FieldDef("IsDeleted", "boolean", "d", "Deleted", default=False)
_OWNER: Final = FieldDef("OwnerId", "reference", "cud", "Owner ID", refers_to=("User",), relationship="Owner")


def _ref(name: str, to: str, flags: str = "cun", label: str = "") -> FieldDef:
    return FieldDef(name, "reference", flags, label, refers_to=(to,), relationship=name.removesuffix("Id"))


def _picklist(name: str, *values: str, flags: str = "cun", label: str, restricted: bool = False) -> FieldDef:
    return FieldDef(
        name, "picklist", flags, label, options=tuple((value, True) for value in values), restricted=restricted
    )


def _object(name: str, prefix: str, *fields: FieldDef, **words: bool) -> ObjectDef:
    every = (_ID, _DELETED, *fields, *_SYSTEM)
    return ObjectDef(name, prefix, {one.name: one for one in every}, **words)  # type: ignore[arg-type]


def _account() -> ObjectDef:
    return _object(
        "Account",
        "001",
        _ref("MasterRecordId", "Account", "n", "Master Record ID"),
        FieldDef("Name", "string", "cuN", "Account Name"),
        _picklist("Type", "Prospect", "Customer - Direct", "Other", label="Account Type"),
        _ref("ParentId", "Account", label="Parent Account ID"),
        FieldDef("BillingStreet", "textarea", "cun", "Billing Street", length=255),
        FieldDef("BillingCity", "string", "cun", "Billing City", length=40),
        FieldDef("BillingPostalCode", "string", "cun", "Billing Zip/Postal Code", length=20),
        FieldDef("BillingCountry", "string", "cun", "Billing Country", length=80),
        FieldDef("BillingAddress", "address", "n", "Billing Address"),
        FieldDef("Phone", "phone", "cun", "Account Phone"),
        FieldDef("AccountNumber", "string", "cun", "Account Number", length=40),
        FieldDef("Website", "url", "cun", "Website"),
        FieldDef("AnnualRevenue", "currency", "cun", "Annual Revenue", scale=0),
        FieldDef("NumberOfEmployees", "int", "cun", "Employees"),
        _picklist("CleanStatus", "Matched", "Pending", "Skipped", flags="cun", label="Clean Status", restricted=True),
        FieldDef("Description", "textarea", "cun-", "Account Description"),
        _OWNER,
        mergeable=True,
    )


def _contact() -> ObjectDef:
    return _object(
        "Contact",
        "003",
        _ref("MasterRecordId", "Contact", "n", "Master Record ID"),
        _ref("AccountId", "Account", label="Account ID"),
        FieldDef("LastName", "string", "cu", "Last Name", length=80),
        FieldDef("FirstName", "string", "cun", "First Name", length=40),
        FieldDef("Name", "string", "N", "Full Name", length=121),
        FieldDef("Email", "email", "cunL", "Email"),
        FieldDef("Phone", "phone", "cun", "Business Phone"),
        FieldDef("Title", "string", "cun", "Title", length=128),
        FieldDef("Birthdate", "date", "cun", "Birthdate"),
        FieldDef("Description", "textarea", "cun-", "Contact Description"),
        _OWNER,
        mergeable=True,
    )


def _opportunity() -> ObjectDef:
    return _object(
        "Opportunity",
        "006",
        _ref("AccountId", "Account", label="Account ID"),
        FieldDef("Name", "string", "cuNL", "Name", length=120),
        FieldDef("Description", "textarea", "cun-", "Description"),
        _picklist("StageName", *STAGES, flags="cu", label="Stage"),
        FieldDef("Amount", "currency", "cun", "Amount"),
        FieldDef("Probability", "percent", "cund", "Probability (%)", precision=3, scale=0),
        FieldDef("ExpectedRevenue", "currency", "n", "Expected Amount"),
        FieldDef("CloseDate", "date", "cu", "Close Date"),
        _picklist("Type", "Existing Business", "New Business", label="Opportunity Type"),
        FieldDef("NextStep", "string", "cun", "Next Step"),
        FieldDef("IsClosed", "boolean", "d", "Closed"),
        FieldDef("IsWon", "boolean", "d", "Won"),
        _ref("Pricebook2Id", "Pricebook2", "cund", "Price Book ID"),
        FieldDef("HasOpportunityLineItem", "boolean", "d", "Has Line Item"),
        _OWNER,
    )


def _selling() -> tuple[ObjectDef, ...]:
    line = _object(
        "OpportunityLineItem",
        "00k",
        _ref("OpportunityId", "Opportunity", "c", "Opportunity ID"),
        _ref("PricebookEntryId", "PricebookEntry", "cn", "Price Book Entry ID"),
        _ref("Product2Id", "Product2", "cn", "Product ID"),
        FieldDef("Name", "string", "nN", "Opportunity Product Name", length=376),
        FieldDef("Quantity", "double", "cu", "Quantity"),
        FieldDef("UnitPrice", "currency", "cun", "Sales Price"),
        FieldDef("TotalPrice", "currency", "n", "Total Price"),
        FieldDef("ServiceDate", "date", "cun", "Date"),
        FieldDef("Description", "string", "cun", "Line Description"),
    )
    product = _object(
        "Product2",
        "01t",
        FieldDef("Name", "string", "cuN", "Product Name"),
        FieldDef("ProductCode", "string", "cun", "Product Code"),
        FieldDef("Description", "textarea", "cun-", "Product Description", length=4_000),
        FieldDef("IsActive", "boolean", "cud", "Active", default=True),
        FieldDef("Family", "string", "cun", "Product Family", length=40),
    )
    book = _object(
        "Pricebook2",
        "01s",
        FieldDef("Name", "string", "cuN", "Price Book Name"),
        FieldDef("IsActive", "boolean", "cud", "Active", default=True),
        FieldDef("IsStandard", "boolean", "d", "Is Standard Price Book", default=False),
    )
    entry = _object(
        "PricebookEntry",
        "01u",
        FieldDef("Name", "string", "nN", "Product Name"),
        _ref("Pricebook2Id", "Pricebook2", "c", "Price Book ID"),
        _ref("Product2Id", "Product2", "c", "Product ID"),
        FieldDef("UnitPrice", "currency", "cu", "List Price"),
        FieldDef("IsActive", "boolean", "cud", "Active", default=True),
    )
    return line, product, book, entry


def _people() -> tuple[ObjectDef, ...]:
    user = _object(
        "User",
        "005",
        FieldDef("Username", "string", "cuL", "Username", length=80),
        FieldDef("Email", "email", "cu", "Email"),
        FieldDef("LastName", "string", "cu", "Last Name", length=80),
        FieldDef("FirstName", "string", "cun", "First Name", length=40),
        FieldDef("Name", "string", "N", "Full Name", length=121),
        FieldDef("IsActive", "boolean", "cud", "Active", default=True),
        deletable=False,
    )
    del user.fields["IsDeleted"]
    task = _object(
        "Task",
        "00T",
        FieldDef("WhoId", "reference", "cun", "Name ID", refers_to=("Contact", "User")),
        FieldDef("WhatId", "reference", "cun", "Related To ID", refers_to=("Account", "Opportunity", "Product2")),
        FieldDef("Subject", "string", "cunN", "Subject"),
        FieldDef("ActivityDate", "date", "cun", "Due Date Only"),
        _OWNER,
    )
    return user, task


def _organization() -> ObjectDef:
    found = _object(
        "Organization",
        "00D",
        FieldDef("Name", "string", "uN", "Name", length=80),
        FieldDef("IsSandbox", "boolean", "d", "Is Sandbox"),
        FieldDef("OrganizationType", "picklist", "n", "Edition"),
        FieldDef("InstanceName", "string", "n", "Instance Name", length=5),
        createable=False,
        deletable=False,
        replicable=False,
    )
    del found.fields["IsDeleted"]
    return found


def _currency_type() -> ObjectDef:
    found = _object(
        "CurrencyType",
        "01L",
        FieldDef("IsoCode", "picklist", "cu", "Currency ISO Code"),
        FieldDef("IsCorporate", "boolean", "d", "Is Corporate Currency", default=False),
        FieldDef("IsActive", "boolean", "cud", "Active", default=True),
        deletable=False,
        replicable=False,
    )
    del found.fields["IsDeleted"]
    return found


def standard_objects(currencies: tuple[str, ...]) -> dict[str, ObjectDef]:
    """By name. With `currencies` the org has several: every object with an amount says which one it is in."""
    objects = [_account(), _contact(), _opportunity(), *_selling(), *_people(), _organization()]
    if currencies:
        objects.append(_currency_type())
        for one in objects:
            if one.name not in ("Organization", "CurrencyType", "User", "Task"):
                one.fields["CurrencyIsoCode"] = _picklist(
                    "CurrencyIsoCode", *currencies, flags="cund", label="Currency ISO Code", restricted=True
                )
    return {one.name: one for one in objects}
