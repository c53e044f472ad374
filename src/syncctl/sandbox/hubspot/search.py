"""The search endpoint: filters, one sort, 200 a page, 10,000 hits, and an index that lags. No I/O."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from syncctl.sandbox.hubspot.account import Account
from syncctl.sandbox.hubspot.catalog import DEFAULTS, modified_property
from syncctl.sandbox.hubspot.properties import Property, millis_of
from syncctl.sandbox.hubspot.refusals import Refusal, invalid_json
from syncctl.sandbox.hubspot.shapes import shaped, wanted_names

PAGE_MAX: Final = 200
HITS_MAX: Final = 10_000
GROUPS_MAX: Final = 5
FILTERS_PER_GROUP_MAX: Final = 10
FILTERS_MAX: Final = 25
"""The vendor's documentation."""

Values = dict[str, str]
Test = Callable[[int, Values], bool]

_FIELDS: Final = frozenset({"filterGroups", "filters", "sorts", "query", "properties", "limit", "after"})
_FILTER_FIELDS: Final = frozenset({"propertyName", "operator", "value", "values", "highValue"})
_ALWAYS_KNOWN: Final = frozenset({"hs_lastmodifieddate", "lastmodifieddate"})
"""The one that a type does not have is accepted all the same, and finds nothing: a silent trap of the vendor."""


def search(account: Account, kind: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """The answer to a search; raises Refusal."""
    shaped(body, _FIELDS)
    limit, after = _window(body)
    test = _groups(account, kind, body)
    hits = _sorted(account, kind, body.get("sorts") or (), account.indexed(kind), test, _beyond(body))
    page = hits[after : after + limit]
    answer: dict[str, Any] = {
        "total": len(hits),
        "results": [_shown(kind, identity, values, wanted_names(body)) for identity, values in page],
    }
    if after + limit < len(hits):
        answer["paging"] = {"next": {"after": str(after + limit)}}
    return answer


def _window(body: Mapping[str, Any]) -> tuple[int, int]:
    limit, after = body.get("limit") or 10, body.get("after") or "0"
    if not isinstance(limit, int) or not 0 < limit <= PAGE_MAX:
        raise Refusal(400, "VALIDATION_ERROR", f"limit must be between 1 and {PAGE_MAX}, not {limit}")
    if not str(after).isdecimal():
        raise Refusal(400, "VALIDATION_ERROR", f"after must be a number, not {after}")
    if int(after) + limit > HITS_MAX:
        raise Refusal(400, "VALIDATION_ERROR", f"Paging beyond {HITS_MAX} results is not supported")
    return limit, int(after)


def _groups(account: Account, kind: str, body: Mapping[str, Any]) -> Test:
    for group in body.get("filterGroups") or ():
        shaped(group, ("filters",))
    groups = [group.get("filters") or [] for group in body.get("filterGroups") or ()]
    if body.get("filters"):
        groups.append(body["filters"])
    if len(groups) > GROUPS_MAX or any(len(group) > FILTERS_PER_GROUP_MAX for group in groups):
        raise Refusal(400, "VALIDATION_ERROR", f"at most {GROUPS_MAX} filterGroups of {FILTERS_PER_GROUP_MAX} filters")
    if sum(map(len, groups)) > FILTERS_MAX:
        raise Refusal(400, "VALIDATION_ERROR", f"at most {FILTERS_MAX} filters")
    tests = [[_filter(account, kind, one) for one in group] for group in groups]
    query = str(body.get("query") or "").lower()

    def matches(identity: int, values: Values) -> bool:
        if query and not any(query in value.lower() for value in values.values()):
            return False
        return not tests or any(all(test(identity, values) for test in group) for group in tests)

    return matches


def _beyond(body: Mapping[str, Any]) -> int:
    """The id that every hit must be above, where the only group says so: spares a look at the others."""
    groups = list(body.get("filterGroups") or ())
    filters = (groups[0].get("filters") or ()) if len(groups) == 1 and not body.get("filters") else ()
    bounds = [int(one["value"]) for one in filters if _is_keyset(one)]
    return max(bounds, default=-1)


def _is_keyset(one: Mapping[str, Any]) -> bool:
    keyed = (one.get("propertyName"), one.get("operator")) == ("hs_object_id", "GT")
    return keyed and str(one.get("value")).isdecimal()


def _filter(account: Account, kind: str, body: Mapping[str, Any]) -> Test:
    shaped(body, _FILTER_FIELDS)
    name, operator = str(body.get("propertyName")), str(body.get("operator"))
    found = account.properties[kind].get(name)
    if found is None and name not in _ALWAYS_KNOWN:
        raise Refusal(400, "VALIDATION_ERROR", f"There was a problem with the request. Unknown property {name}")
    read = _reader(found)
    if name == "hs_object_id" and operator == "GT":
        least = int(_as_number(str(body.get("value"))))
        return lambda identity, _: identity > least
    return _operator(name, operator, read, body)


Read = Callable[[str], Any]


def _reader(found: Property | None) -> Read:
    """How texts of this property compare: as numbers, as times, or as texts without case."""
    if found is None or found.type in ("date", "datetime"):
        return _as_millis
    return _as_number if found.type == "number" else str.lower


def _as_millis(text: str) -> int:
    millis = int(text) if text.lstrip("-").isdigit() else millis_of(text)
    if millis is None:
        raise Refusal(400, "VALIDATION_ERROR", f"{text} is not a valid time")
    return millis


def _as_number(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation as error:
        raise Refusal(400, "VALIDATION_ERROR", f"{text} is not a valid number") from error


_COMPARE: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "EQ": lambda held, wanted: bool(held == wanted),
    "LT": lambda held, wanted: bool(held < wanted),
    "LTE": lambda held, wanted: bool(held <= wanted),
    "GT": lambda held, wanted: bool(held > wanted),
    "GTE": lambda held, wanted: bool(held >= wanted),
}


def _operator(name: str, operator: str, read: Read, body: Mapping[str, Any]) -> Test:
    if operator in ("HAS_PROPERTY", "NOT_HAS_PROPERTY"):
        wanted_there = operator == "HAS_PROPERTY"
        return lambda _, values: bool(values.get(name)) is wanted_there
    if operator in ("IN", "NOT_IN"):
        options = {read(str(value)) for value in body.get("values") or ()}
        inside = operator == "IN"
        return lambda _, values: (read(values[name]) in options if values.get(name) else False) is inside
    if operator == "BETWEEN":
        low, high = read(str(body.get("value"))), read(str(body.get("highValue")))
        return lambda _, values: bool(values.get(name)) and low <= read(values[name]) <= high
    if operator in ("CONTAINS_TOKEN", "NOT_CONTAINS_TOKEN"):
        token, inside = str(body.get("value")).lower().strip("*"), operator == "CONTAINS_TOKEN"
        return lambda _, values: (token in values.get(name, "").lower()) is inside
    if body.get("value") is None:
        raise Refusal(400, "VALIDATION_ERROR", f"a filter on {name} needs a value")
    wanted = read(str(body["value"]))
    if operator == "NEQ":
        return lambda _, values: not values.get(name) or read(values[name]) != wanted
    compare = _COMPARE.get(operator)
    if compare is None:
        raise invalid_json(f"unknown operator {operator}")
    return lambda _, values: bool(values.get(name)) and compare(read(values[name]), wanted)


def _sorted(
    account: Account, kind: str, sorts: Sequence[Any], index: Mapping[int, Values], test: Test, beyond: int
) -> list[tuple[int, Values]]:
    numbers = sorted(index)
    candidates = numbers[bisect_right(numbers, beyond) :]
    hits = [(identity, index[identity]) for identity in candidates if test(identity, index[identity])]
    if not sorts:
        return hits
    if len(sorts) > 1:
        raise Refusal(400, "VALIDATION_ERROR", "only one sort is supported")
    name, descending = _sort(sorts[0])
    if name not in account.properties[kind] and name not in _ALWAYS_KNOWN:
        raise Refusal(400, "VALIDATION_ERROR", f"There was a problem with the request. Unknown property {name}")
    if name != "hs_object_id":
        read = _reader(account.properties[kind].get(name))
        hits.sort(key=lambda hit: (name in hit[1], read(hit[1][name]) if name in hit[1] else 0))
    return hits[::-1] if descending else hits


def _sort(one: Any) -> tuple[str, bool]:
    if isinstance(one, str):
        return one.lstrip("-"), one.startswith("-")
    shaped(one, ("propertyName", "direction"))
    return str(one.get("propertyName")), one.get("direction") == "DESCENDING"


def _shown(kind: str, identity: int, values: Values, wanted: Sequence[str] | None) -> dict[str, Any]:
    modified = modified_property(kind)
    names = {*(wanted or DEFAULTS[kind]), "createdate", modified, "hs_object_id"}
    return {
        "id": str(identity),
        "properties": {name: values.get(name) for name in sorted(names)},
        "createdAt": values.get("createdate", values[modified]),
        "updatedAt": values[modified],
        "archived": False,
    }
