"""The endpoints of associations: batch read, create, default, archive, and the single ones. No I/O."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from syncctl.sandbox.hubspot import associations
from syncctl.sandbox.hubspot.account import Stored
from syncctl.sandbox.hubspot.calls import ASSOCIATIONS_MAX, Call, Reply, batch_reply, page_of
from syncctl.sandbox.hubspot.kinds import PRIMARY, PRIMARY_LABEL, UNLABELED, kind_of
from syncctl.sandbox.hubspot.refusals import Refusal, invalid_json, not_found
from syncctl.sandbox.hubspot.shapes import identity, own_id, shaped

READ_PAGE = 500
"""Associated records per input of a batch read; more come with `paging.next.after`."""

Input = Mapping[str, Any]


def _pair(call: Call) -> tuple[str, str]:
    pair = (kind_of(call.parts["type"]), kind_of(call.parts["other"]))
    if pair not in UNLABELED:
        raise Refusal(400, "VALIDATION_ERROR", f"{pair[0]} and {pair[1]} cannot be associated")
    return pair


def batch_read(call: Call) -> Reply:
    inputs, _ = call.inputs(("id", "after"), most=ASSOCIATIONS_MAX)
    source, target = _pair(call)
    results, lonely = [], []
    for one in inputs:
        record = call.account.live(source, str(one.get("id")))
        found = associations.listed(call.account, record, target) if record is not None else []
        if not found:
            lonely.append(str(one.get("id")))
            continue
        results.append(_read_page(str(one["id"]), found, int(one.get("after") or 0)))
    errors = []
    if lonely:
        refusal = Refusal(
            404,
            "OBJECT_NOT_FOUND",
            f"No {target} is associated with {source} {', '.join(lonely)}.",
            sub_category="crm.associations.NO_ASSOCIATIONS_FOUND",
        )
        errors.append(refusal.row({"fromObjectId": lonely}))
    return batch_reply(call, results, errors)


def _read_page(identity: str, found: Sequence[dict[str, Any]], after: int) -> dict[str, Any]:
    later = [one for one in found if one["toObjectId"] > after]
    page: dict[str, Any] = {"from": {"id": identity}, "to": later[:READ_PAGE]}
    if len(later) > READ_PAGE:
        page["paging"] = {"next": {"after": str(later[READ_PAGE - 1]["toObjectId"])}}
    return page


def _each(call: Call, inputs: Sequence[Input], write: Callable[[Stored, Stored, Input], Any], status: int) -> Reply:
    pair = _pair(call)
    results: list[Any] = []
    errors = []
    for one in inputs:
        try:
            source, target = associations.pair_of(call.account, pair, identity(one, "from"), identity(one, "to"))
            results.append(write(source, target, one))
        except Refusal as refusal:
            errors.append(refusal.row({}))
    flat = [shown for result in results for shown in (result if isinstance(result, list) else [result])]
    return batch_reply(call, flat, errors, status)


def batch_create(call: Call) -> Reply:
    inputs, _ = call.inputs(("from", "to", "types"))

    def write(source: Stored, target: Stored, one: Input) -> dict[str, Any]:
        _link(call, source, target, one.get("types") or ())
        return associations.pair_shown(call.account, source, target)

    return _each(call, inputs, write, 201)


def _link(call: Call, source: Stored, target: Stored, specs: Sequence[Input]) -> None:
    for spec in specs:
        shaped(spec, ("associationCategory", "associationTypeId"))
    types = [
        associations.known_type(
            source.kind, target.kind, spec.get("associationCategory"), spec.get("associationTypeId")
        )
        for spec in specs
    ]
    if not types:
        raise Refusal(400, "VALIDATION_ERROR", "at least one association type is needed")
    associations.link(call.account, source, target, types)


def batch_default(call: Call) -> Reply:
    inputs, _ = call.inputs(("from", "to"))

    def write(source: Stored, target: Stored, _: Input) -> list[dict[str, Any]]:
        associations.link(call.account, source, target, ())
        return associations.default_shown(source, target)

    return _each(call, inputs, write, 200)


def batch_archive(call: Call) -> Reply:
    inputs, _ = call.inputs(("from", "to"))
    source_kind, target_kind = _pair(call)
    for one in inputs:
        source = call.account.live(source_kind, identity(one, "from"))
        for other in one.get("to") or ():
            target = call.account.any(target_kind, own_id(other))
            if source is not None and target is not None:
                associations.unlink(call.account, source, target)
    return 204, None


def labels(call: Call) -> Reply:
    pair = _pair(call)
    found = [{"category": "HUBSPOT_DEFINED", "typeId": UNLABELED[pair], "label": None}]
    if pair in PRIMARY:
        found.insert(0, {"category": "HUBSPOT_DEFINED", "typeId": PRIMARY[pair], "label": PRIMARY_LABEL})
    return 200, {"results": found}


def read_of_record(call: Call) -> Reply:
    source_kind, target_kind = _pair(call)
    record = call.account.live(source_kind, call.parts["id"])
    if record is None:
        raise not_found()
    limit, after = call.limit(READ_PAGE) if "limit" in call.query else READ_PAGE, call.after()
    found = [one for one in associations.listed(call.account, record, target_kind) if one["toObjectId"] > after]
    more = len(found) > limit
    return 200, page_of(found, limit, str(found[limit - 1]["toObjectId"]) if more else "", more)


def _both(call: Call) -> tuple[Stored, Stored]:
    return associations.pair_of(call.account, _pair(call), call.parts["id"], call.parts["other_id"])


def put_labelled(call: Call) -> Reply:
    source, target = _both(call)
    try:
        specs = json.loads(call.body)
    except ValueError as error:
        raise invalid_json(str(error)) from error
    if not isinstance(specs, list):
        raise invalid_json("a list of association types is needed")
    _link(call, source, target, specs)
    return 201, associations.pair_shown(call.account, source, target)


def put_default(call: Call) -> Reply:
    source, target = _both(call)
    associations.link(call.account, source, target, ())
    return batch_reply(call, associations.default_shown(source, target), [])


def remove(call: Call) -> Reply:
    source, target = _both(call)
    associations.unlink(call.account, source, target)
    return 204, None
