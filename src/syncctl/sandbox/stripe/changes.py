"""Changes to a record, and the events that tell of them. No I/O."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from copy import deepcopy
from typing import Any, Final

import msgspec

from syncctl.fields.jsontext import encode_json
from syncctl.sandbox.stripe import money_shapes
from syncctl.sandbox.stripe.params import merged_metadata
from syncctl.sandbox.stripe.render import shown
from syncctl.sandbox.stripe.store import Store, Thing

_EXPAND: Final = "expand"


def changed(thing: Thing, given: Mapping[str, Any], cleared: Mapping[str, Any] | None = None) -> Thing:
    """What an update makes of these parameters: new values by key. Raises Refusal; the record stays as it is.

    Objects merge part by part; None becomes what `cleared` says.
    """
    empty = cleared or {}
    values: Thing = {}
    for name, value in given.items():
        held = thing.get(name)
        if name == _EXPAND:
            continue
        if name == "metadata":
            values[name] = merged_metadata(held or {}, value)
        elif value is None:
            values[name] = deepcopy(empty.get(name))
        elif isinstance(value, dict) and isinstance(held, dict):
            values[name] = {**held, **value}
        else:
            values[name] = value
    return values


def put(thing: Thing, values: Mapping[str, Any]) -> Thing:
    """Writes the values; answers what they were before, of those that differ."""
    before = {name: deepcopy(thing.get(name)) for name, value in values.items() if thing.get(name) != value}
    thing.update(values)
    return before


def emit(store: Store, kind: str, thing: Thing, before: Thing | None = None) -> Thing:
    """One event about a record, and the news for the search index."""
    made = store.now() if store.opened else thing.get("created", store.now())
    event = money_shapes.event(store.new_id("event"), made, store.account_version)
    snapshot = msgspec.Raw(encode_json(shown(store, thing)))  # bytes: a tenth of the room of a copied dict
    event["data"] = {"object": snapshot, **({"previous_attributes": before} if before else {})}
    event |= {"type": kind, "request": dict(store.request)}
    store.news.append((store.clock.now(), thing["object"], thing["id"], snapshot))
    return store.add("event", event)


def update(store: Store, thing: Thing, values: Mapping[str, Any], kind: str = "") -> Thing:
    """Writes the values and tells of it, unless nothing changed."""
    before = put(thing, values)
    if before:
        emit(store, kind or f"{thing['object']}.updated", thing, before)
    return thing


def create(store: Store, thing: Thing, kinds: Iterable[str] = ()) -> Thing:
    """Keeps a new record and tells of it."""
    store.add(thing["object"], thing)
    for kind in kinds or (f"{thing['object']}.created",):
        emit(store, kind, thing)
    return thing


def delete(store: Store, kind: str, identity: str) -> Thing:
    """Deletes a record and tells of it; answers what the vendor does."""
    thing = store.get(kind, identity)
    emit(store, f"{kind}.deleted", {**thing, "deleted": True} if kind == "customer" else thing)
    store.news.append((store.clock.now(), kind, identity, None))
    return store.remove(kind, identity)
