"""The built-in properties of each object type: a finance-sized part of the vendor's own. No I/O."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

from syncctl.sandbox.hubspot.properties import Property

LIFECYCLE: Final = tuple(
    (label.replace(" ", "").lower(), label)
    for label in (
        "Subscriber",
        "Lead",
        "Marketing Qualified Lead",
        "Sales Qualified Lead",
        "Opportunity",
        "Customer",
        "Evangelist",
        "Other",
    )
)
INDUSTRIES: Final = tuple(
    (name, name.replace("_", " ").title())
    for name in "ACCOUNTING BANKING COMPUTER_SOFTWARE CONSTRUCTION FINANCIAL_SERVICES INTERNET RETAIL".split()
)

GROUPS: Final = {
    "contact": ("contactinformation", "Contact information"),
    "company": ("companyinformation", "Company information"),
    "deal": ("dealinformation", "Deal information"),
    "line_item": ("lineiteminformation", "Line item information"),
    "product": ("productinformation", "Product information"),
}

_SYSTEM: Final = """
createdate           | Create Date                   | datetime.date
hs_object_id         | Record ID                     | number.number | ro
hs_merged_object_ids | Merged object IDs             | enumeration.checkbox | ro
hs_unique_creation_key | Unique creation key         | string.text | ro unique
hs_object_source     | Record source                 | enumeration.select | ro
hs_object_source_label | Record source detail        | enumeration.select | ro
hs_user_ids_of_all_owners | User IDs of all owners   | enumeration.checkbox | ro
hubspot_owner_id     | Owner                         | enumeration.select | ext owner
hubspot_team_id      | HubSpot team                  | enumeration.select | ext ro
hs_created_by_user_id | Created by user ID           | number.number | ro
"""

_TABLES: Final = {
    "contact": """
email                | Email                         | string.text
firstname            | First Name                    | string.text
lastname             | Last Name                     | string.text
phone                | Phone Number                  | string.phonenumber
mobilephone          | Mobile Phone Number           | string.phonenumber
company              | Company Name                  | string.text
jobtitle             | Job Title                     | string.text
website              | Website URL                   | string.text
address              | Street Address                | string.text
city                 | City                          | string.text
state                | State/Region                  | string.text
zip                  | Postal Code                   | string.text
country              | Country/Region                | string.text
annualrevenue        | Annual Revenue                | string.text
lifecyclestage       | Lifecycle Stage               | enumeration.radio | ext
hs_lead_status       | Lead Status                   | enumeration.radio | = NEW:New OPEN:Open CONNECTED:Connected
lastmodifieddate     | Last Modified Date            | datetime.date | ro
hs_full_name_or_email | Full name or email           | string.text | ro calc
hs_email_domain      | Email Domain                  | string.text | ro calc
hs_calculated_merged_vids | Merged vids              | enumeration.checkbox | ro
associatedcompanyid  | Primary Associated Company ID | number.number | ro calc
num_associated_deals | Number of Associated Deals    | number.number | ro calc
hs_is_unworked       | Contact unworked              | bool.booleancheckbox | ro calc
date_of_birth        | Date of birth                 | string.text
""",
    "company": """
name                 | Company name                  | string.text
domain               | Company Domain Name           | string.text
website              | Website URL                   | string.text
phone                | Phone Number                  | string.phonenumber
description          | Description                   | string.textarea
address              | Street Address                | string.text
address2             | Street Address 2              | string.text
city                 | City                          | string.text
state                | State/Region                  | string.text
zip                  | Postal Code                   | string.text
country              | Country/Region                | string.text
industry             | Industry                      | enumeration.select
type                 | Type                          | enumeration.select | = PROSPECT:Prospect PARTNER:Partner
numberofemployees    | Number of Employees           | number.number
annualrevenue        | Annual Revenue                | number.number | money
founded_year         | Year Founded                  | string.text
lifecyclestage       | Lifecycle Stage               | enumeration.radio | ext
hs_lastmodifieddate  | Last Modified Date            | datetime.date | ro
num_associated_contacts | Number of Associated Contacts | number.number | ro calc
num_associated_deals | Number of Associated Deals    | number.number | ro calc
hs_parent_company_id | Parent Company                | number.number | ro
""",
    "deal": """
dealname             | Deal Name                     | string.text
amount               | Amount                        | number.number | money
deal_currency_code   | Currency                      | enumeration.select
hs_exchange_rate     | Exchange rate                 | number.number
amount_in_home_currency | Amount in company currency | number.number | ro calc money
dealstage            | Deal Stage                    | enumeration.radio | ext
pipeline             | Pipeline                      | enumeration.select | ext
closedate            | Close Date                    | datetime.date
dealtype             | Deal Type                     | enumeration.radio | = newbusiness:New existingbusiness:Existing
description          | Deal Description              | string.textarea
hs_next_step         | Next step                     | string.text
hs_priority          | Priority                      | enumeration.select | = low:Low medium:Medium high:High
hs_arr               | Annual recurring revenue      | number.number | money
hs_mrr               | Monthly recurring revenue     | number.number | money
hs_tcv               | Total contract value          | number.number | money
closed_lost_reason   | Closed Lost Reason            | string.textarea
closed_won_reason    | Closed Won Reason             | string.textarea
hs_lastmodifieddate  | Last Modified Date            | datetime.date | ro
hs_deal_stage_probability | Deal probability         | number.number | ro calc
hs_projected_amount  | Weighted amount               | number.number | ro calc money
hs_closed_amount     | Closed Deal Amount            | number.number | ro calc money
hs_is_closed         | Is Deal Closed?               | bool.booleancheckbox | ro calc
hs_is_closed_won     | Is Closed Won                 | bool.booleancheckbox | ro calc
num_associated_contacts | Number of Associated Contacts | number.number | ro calc
hs_num_of_associated_line_items | Number of Associated Line Items | number.number | ro calc
hs_primary_associated_company | Primary Associated Company | number.number | ro calc
""",
    "line_item": """
name                 | Name                          | string.text
description          | Description                   | string.textarea
price                | Unit price                    | number.number | money
quantity             | Quantity                      | number.number
discount             | Unit discount                 | number.number | money
amount               | Net price                     | number.number | ro calc money
hs_sku               | SKU                           | string.text
hs_product_id        | Product ID                    | number.number
hs_line_item_currency_code | Currency                | enumeration.select
recurringbillingfrequency | Billing frequency        | enumeration.select | = monthly:Monthly annually:Annually
hs_lastmodifieddate  | Last Modified Date            | datetime.date | ro
""",
    "product": """
name                 | Name                          | string.text
description          | Product description           | string.textarea
price                | Unit price                    | number.number | money
hs_sku               | SKU                           | string.text
hs_cost_of_goods_sold | Unit cost                    | number.number | money
recurringbillingfrequency | Billing frequency        | enumeration.select | = monthly:Monthly annually:Annually
hs_lastmodifieddate  | Last Modified Date            | datetime.date | ro
""",
}

DEFAULTS: Final = {
    "contact": ("createdate", "email", "firstname", "hs_object_id", "lastmodifieddate", "lastname"),
    "company": ("createdate", "domain", "hs_lastmodifieddate", "hs_object_id", "name"),
    "deal": tuple("amount closedate createdate dealname dealstage hs_lastmodifieddate hs_object_id pipeline".split()),
    "line_item": ("createdate", "hs_lastmodifieddate", "hs_object_id"),
    "product": ("createdate", "hs_lastmodifieddate", "hs_object_id"),
}
"""What an answer holds when no property is asked for."""

MODIFIED: Final = {"contact": "lastmodifieddate"}
"""The property that moves with every change; `hs_lastmodifieddate` for every other type."""


def modified_property(kind: str) -> str:
    return MODIFIED.get(kind, "hs_lastmodifieddate")


def built_in(kind: str, currencies: Iterable[str]) -> dict[str, Property]:
    """The vendor's own properties of one type, by name. `currencies` are those the account has enabled."""
    currency_options = tuple((code, code) for code in currencies)
    found = {}
    for one in _rows(_SYSTEM + _TABLES[kind], GROUPS[kind][0]):
        if one.name == "createdate" and kind != "deal":
            one = replace(one, read_only=True)  # noqa: PLW2901
        elif one.name in ("deal_currency_code", "hs_line_item_currency_code"):
            one = replace(one, options=currency_options)  # noqa: PLW2901
        elif one.name == "lifecyclestage":
            one = replace(one, options=LIFECYCLE)  # noqa: PLW2901
        elif one.name == "industry":
            one = replace(one, options=INDUSTRIES)  # noqa: PLW2901
        found[one.name] = one
    return found


def _rows(table: str, group: str) -> Iterator[Property]:
    """`name | label | type.fieldType | flags`; flags are `ro`, `calc`, `ext`, `unique`, `money`, `owner` or options."""
    for line in filter(None, table.splitlines()):
        name, label, kind, *rest = (part.strip() for part in line.split("|"))
        flags, _, options = (rest[0] if rest else "").partition("=")
        words = flags.split()
        type_, field_type = kind.split(".")
        pairs = tuple((pair.partition(":")[0], pair.partition(":")[2]) for pair in options.split())
        if type_ == "bool":
            pairs = (("true", "Yes"), ("false", "No"))
        yield Property(
            name,
            label,
            type_,
            field_type,
            group,
            pairs,
            external="ext" in words,
            unique="unique" in words,
            read_only="ro" in words,
            calculated="calc" in words,
            money="money" in words,
            reference="OWNER" if "owner" in words else "",
        )
