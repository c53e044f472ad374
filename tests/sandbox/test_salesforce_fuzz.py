"""Whatever a client sends, the pretend Salesforce answers as a server would: it never raises, and never says 500."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from syncctl.sandbox.base import SandboxRequest
from syncctl.sandbox.clock import FakeClock
from syncctl.sandbox.salesforce import SalesforceSandbox
from syncctl.sandbox.salesforce.refusals import Refusal
from syncctl.sandbox.salesforce.signin import JWT
from syncctl.sandbox.salesforce.soql import parse

VENDOR = SalesforceSandbox(FakeClock(), currencies=("USD", "EUR"), daily_requests=None)
VENDOR.seed("field:Account", {"name": "Key__c", "externalId": True, "unique": True})
ACCOUNT = VENDOR.seed("Account", {"Name": "Acme"})["Id"]
DEAL = VENDOR.seed("Opportunity", {"Name": "Deal", "StageName": "Prospecting", "CloseDate": "2026-12-31"})["Id"]

ids = st.sampled_from([ACCOUNT, ACCOUNT[:15], DEAL, "001", "x'y", "../..", "0015e000000000ZAAZ", ""])
kinds = st.sampled_from(["Account", "account", "Opportunity", "User", "Organization", "Nonsense", "CurrencyType"])
fields = st.sampled_from(
    ["Id", "Name", "Key__c", "Amount", "AccountId", "IsDeleted", "CloseDate", "CreatedDate", "CurrencyIsoCode", "X__c"]
)
scalars = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.text(max_size=20), ids
)
objects = st.dictionaries(fields | st.just("attributes"), scalars, max_size=5)
rows = st.fixed_dictionaries({"attributes": st.fixed_dictionaries({"type": kinds})}).flatmap(
    lambda head: objects.map(lambda body: {**body, **head})
)
collections = st.fixed_dictionaries({"records": st.lists(rows | objects, max_size=4)}, optional={"allOrNone": scalars})
asked = st.fixed_dictionaries(
    {"ids": st.lists(ids, max_size=3) | scalars, "fields": st.lists(fields, max_size=3) | scalars}
)
jobs = st.fixed_dictionaries({"operation": st.sampled_from(["query", "queryAll", "insert"]), "query": st.text()})
bodies = st.one_of(scalars, objects, collections, asked, jobs, st.lists(objects, max_size=2))
values = st.one_of(scalars.map(json.dumps), st.sampled_from(["'x'", "null", "2026-01-01", "2026-01-01T00:00:00Z"]))
conditions = st.builds(
    "{} {} {}".format, fields, st.sampled_from(["=", "!=", "<", ">=", "LIKE", "IN", "NOT IN"]), values
)
queries = st.one_of(
    st.text(max_size=40),
    st.builds("SELECT {} FROM {} WHERE {}".format, fields, kinds, conditions),
    st.builds("SELECT {} FROM {} WHERE NOT ({} OR {}) ORDER BY {}".format, fields, kinds, *[conditions] * 2, fields),
    st.builds("SELECT COUNT() FROM {}".format, kinds),
)  # fmt: skip
paths = st.one_of(
    st.builds("sobjects/{}".format, kinds),
    st.builds("sobjects/{}/describe".format, kinds),
    st.builds("sobjects/{}/deleted".format, kinds),
    st.builds("sobjects/{}/{}".format, kinds, ids),
    st.builds("sobjects/{}/{}/{}".format, kinds, fields, ids),
    st.builds("composite/sobjects/{}".format, kinds),
    st.builds("composite/sobjects/{}/{}".format, kinds, fields),
    st.builds("query/{}".format, ids),
    st.builds("jobs/query/{}".format, ids),
    st.sampled_from(
        [
            "sobjects",
            "query",
            "queryAll",
            "composite/sobjects",
            "jobs/query",
            "limits",
            "tooling/query",
            "tooling/sobjects/CustomField",
            "sobjects/FieldPermissions",
        ]
    ),
)
headers = st.dictionaries(
    st.sampled_from(["if-unmodified-since", "sforce-query-options", "sforce-duplicate-rule-header"]),
    st.sampled_from(["", "batchSize=1", "allowSave=true", "Fri, 20 Nov 2026 03:00:00 GMT", "yesterday"]),
)


def handle(method: str, path: str, query: dict[str, str], extra: dict[str, str], body: Any) -> int:
    request = SandboxRequest(
        method,
        path,
        tuple(query.items()),
        {"authorization": f"Bearer {VENDOR.token}", **extra},
        b"" if body is None else json.dumps(body).encode(),
    )
    answer = VENDOR.handle(request)
    if answer.body and not answer.headers.get("content-type", "").startswith("text/csv"):
        json.loads(answer.body)
    return answer.status


@given(
    st.sampled_from(["GET", "POST", "PATCH", "DELETE"]),
    paths,
    st.dictionaries(st.sampled_from(["q", "start", "end", "ids", "fields", "updateOnly"]), queries | ids, max_size=3),
    headers,
    bodies,
)
def test_no_request_breaks_the_sandbox(
    method: str, path: str, query: dict[str, str], extra: dict[str, str], body: Any
) -> None:
    assert handle(method, f"/services/data/v68.0/{path}", query, extra, body) < 500


@given(
    st.sampled_from(["GET", "POST"]),
    st.sampled_from(["token", "authorize", "revoke", "userinfo", "nonsense"]),
    st.dictionaries(
        st.sampled_from(["grant_type", "client_id", "client_secret", "code", "assertion", "refresh_token", "token"]),
        st.sampled_from(
            ["client_credentials", "authorization_code", "refresh_token", "x", JWT, VENDOR.sign_ins.app.client_id]
        ),
    ),
    st.sampled_from([{}, {"authorization": "Basic ???"}, {"authorization": "Basic eDp5"}]),
)
def test_no_sign_in_breaks_the_sandbox(method: str, name: str, query: dict[str, str], extra: dict[str, str]) -> None:
    assert handle(method, f"/services/oauth2/{name}", query, extra, None) < 500


@given(queries | st.text())
def test_any_text_is_a_query_or_refused_as_malformed(text: str) -> None:
    try:
        found = parse(text)
    except Refusal as refusal:
        codes = {one.code for one in refusal.faults}
    else:
        codes = {"MALFORMED_QUERY"} if found.kind else set()
    assert codes == {"MALFORMED_QUERY"}
