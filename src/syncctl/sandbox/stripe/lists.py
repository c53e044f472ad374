"""Lists: filters, pages, and the lists inside records. No I/O."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, Final

from syncctl.sandbox.stripe.refusals import Refusal, not_now
from syncctl.sandbox.stripe.shapes import list_of
from syncctl.sandbox.stripe.store import Store, Thing

DEFAULT_LIMIT: Final = 10
MAX_LIMIT: Final = 100
EVENT_SECONDS: Final = 30 * 86_400
TYPES_MAX: Final = 20
_PAGING: Final = frozenset({"limit", "starting_after", "ending_before", "expand"})
Keep = Callable[[Thing], bool]


def list_page(store: Store, kind: str, url: str, given: Mapping[str, Any]) -> Thing:
    """One page of a kind's list. Raises Refusal."""
    keep = _keeps(store, kind, given)
    limit = limit_of(given)
    found = list(islice(filter(keep, _walk(store, kind, given)), limit + 1))
    page = found[:limit]
    if given.get("ending_before"):
        page.reverse()
    return list_of(url, page, has_more=len(found) > limit)


def _walk(store: Store, kind: str, given: Mapping[str, Any]) -> Iterator[Thing]:
    after, before = given.get("starting_after"), given.get("ending_before")
    if after and before:
        raise Refusal("You cannot parameterize both starting_after and ending_before.", param="starting_after")
    return store.oldest_first(kind, before) if before else store.newest_first(kind, after or "")


def limit_of(given: Mapping[str, Any]) -> int:
    limit = int(given.get("limit", DEFAULT_LIMIT))
    if limit < 1:
        message = f"This value must be greater than or equal to 1 (it currently is '{limit}')."
        raise Refusal(message, code="parameter_invalid_integer", param="limit")
    if limit > MAX_LIMIT:
        message = f"This value must be less than or equal to {MAX_LIMIT} (it currently is '{limit}')."
        raise Refusal(message, code="parameter_invalid_integer", param="limit")
    return limit


def _keeps(store: Store, kind: str, given: Mapping[str, Any]) -> Keep:
    tests = [_test(store, kind, name, value) for name, value in given.items() if name not in _PAGING]
    if kind == "event":
        _check_types(given)
        oldest = store.now() - EVENT_SECONDS
        tests.append(lambda thing: bool(thing["created"] >= oldest))
    if kind == "price":
        tests.append(lambda thing: thing["id"] not in store.inline)
        if "active" not in given:
            tests.append(lambda thing: bool(thing["active"]))
    return lambda thing: all(test(thing) for test in tests)


def _check_types(given: Mapping[str, Any]) -> None:
    if "type" in given and "types" in given:
        raise Refusal("You may only specify one of these parameters: type, types.", param="type")
    if len(given.get("types") or ()) > TYPES_MAX:
        raise Refusal(f"You may only specify up to {TYPES_MAX} types.", param="types")


def _test(store: Store, kind: str, name: str, value: Any) -> Keep:
    special = _SPECIAL.get((kind, name)) or _SPECIAL.get(("", name))
    if special is not None:
        return special(store, value)
    return lambda thing: bool(thing.get(name) == value)


def _within(key: str) -> Callable[[Store, Any], Keep]:
    def make(_store: Store, bounds: Mapping[str, int]) -> Keep:
        return lambda thing: (
            thing.get(key) is not None and all(_BOUNDS[name](thing[key], bound) for name, bound in bounds.items())
        )

    return make


_BOUNDS: Final[dict[str, Callable[[int, int], bool]]] = {
    "exactly": lambda value, bound: value == bound,
    "gt": lambda value, bound: value > bound,
    "gte": lambda value, bound: value >= bound,
    "lt": lambda value, bound: value < bound,
    "lte": lambda value, bound: value <= bound,
}


def _one_of(key: str) -> Callable[[Store, Any], Keep]:
    return lambda _store, values: lambda thing: thing.get(key) in values


def _paid_out(store: Store, payout: str) -> Keep:
    if not store.get("payout", payout, param="payout", in_path=False)["automatic"]:
        raise not_now(
            "Balance transaction history can only be filtered on automatic payouts, not manual.", param="payout"
        )
    listed = frozenset(store.paid_out.get(payout, ()))
    return lambda thing: thing["id"] in listed


def _payment(_store: Store, wanted: Mapping[str, str]) -> Keep:
    return lambda thing: all(thing["payment"].get(name) == value for name, value in wanted.items())


def _event_type(_store: Store, wanted: str) -> Keep:
    if wanted.endswith("*"):
        return lambda thing: str(thing["type"]).startswith(wanted[:-1])
    return lambda thing: bool(thing["type"] == wanted)


def _pending_items(_store: Store, wanted: bool) -> Keep:
    return lambda thing: (thing["invoice"] is None) == wanted


def _always(_store: Store, _value: Any) -> Keep:
    return lambda _thing: True


_SPECIAL: Final[dict[tuple[str, str], Callable[[Store, Any], Keep]]] = {
    ("", "created"): _within("created"),
    ("invoiceitem", "created"): _within("date"),
    ("invoice", "due_date"): _within("due_date"),
    ("payout", "arrival_date"): _within("arrival_date"),
    ("product", "ids"): _one_of("id"),
    ("price", "lookup_keys"): _one_of("lookup_key"),
    ("balance_transaction", "payout"): _paid_out,
    ("invoice_payment", "payment"): _payment,
    ("event", "type"): _event_type,
    ("event", "types"): _one_of("type"),
    ("event", "delivery_success"): _always,
    ("invoiceitem", "pending"): _pending_items,
}


def inner_page(url: str, rows: Iterable[Thing], given: Mapping[str, Any]) -> Thing:
    """One page of a list inside a record, in the order of the record."""
    found, limit = list(rows), limit_of(given)
    ids = [row["id"] for row in found]
    after, before = given.get("starting_after"), given.get("ending_before")
    for position, name in ((after, "starting_after"), (before, "ending_before")):
        if position and position not in ids:
            raise Refusal(f"No such line item: '{position}'", code="resource_missing", param=name, saved=True)
    if before:
        rest = found[: ids.index(before)]
        return list_of(url, rest[-limit:], has_more=len(rest) > limit)
    rest = found[ids.index(after) + 1 :] if after else found
    return list_of(url, rest[:limit], has_more=len(rest) > limit)
