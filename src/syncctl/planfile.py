"""A plan as JSON and back, exactly; its digest; what makes it stale. No I/O.

The file is one line of canonical JSON: a plan whose bytes were touched, even in a blank, is no longer that plan.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

import msgspec

from syncctl.errors import StalePlanError
from syncctl.model import Change, Edit, Plan, digest

SCHEMA_VERSION: Final = 1
AGE_SECONDS_MAX: Final = 24 * 3600
PLAN_AGAIN: Final = "run `syncctl plan` again"


@dataclass(frozen=True, slots=True)
class PlanFile:
    """What a plan file holds."""

    schema_version: int
    plan: Plan


_encoder = msgspec.json.Encoder()
_file_decoder = msgspec.json.Decoder(PlanFile, float_hook=Decimal)
_change_decoder = msgspec.json.Decoder(Change, float_hook=Decimal)


def plan_to_json(plan: Plan) -> bytes:
    """The plan file of a sealed plan. Raises ValueError for a value that JSON cannot hold exactly."""
    changes = tuple(map(_exact_change, plan.changes))
    return _encoder.encode(PlanFile(SCHEMA_VERSION, replace(plan, changes=changes))) + b"\n"


def plan_from_json(body: bytes) -> Plan:
    """Reads a plan file. Raises StalePlanError when it is none, was edited, or was written by another version."""
    try:
        found = _file_decoder.decode(body)
    except (msgspec.MsgspecError, ValueError, ArithmeticError, RecursionError) as error:
        raise StalePlanError(f"this is no plan, {_no_plan(body, error)}", fix=PLAN_AGAIN) from error
    if found.schema_version != SCHEMA_VERSION:
        raise StalePlanError(
            f"the plan file has format {found.schema_version}, this syncctl reads format {SCHEMA_VERSION}",
            fix=PLAN_AGAIN,
        )
    if found.plan.digest != plan_digest(found.plan) or plan_to_json(found.plan).strip() != body.strip():
        raise StalePlanError(f"the plan {found.plan.id} was edited after it was made", fix=PLAN_AGAIN)
    return found.plan


def _no_plan(body: bytes, error: Exception) -> str:
    """What bytes that hold no plan are, for a person who took the wrong file or an unfinished copy."""
    if not body.strip():
        return "it is empty"
    if "truncated" in str(error):
        return "it is cut short"
    try:
        found = msgspec.json.decode(body)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return "it is no JSON"
    if not isinstance(found, dict):
        return f"it holds a {_NAMES.get(type(found), 'single value')}"
    return f"it is other JSON ({error})"


_NAMES: Final = {list: "list", str: "text", int: "number", float: "number"}


def plan_digest(plan: Plan) -> str:
    """SHA-256 over everything the plan says, its changes with their references above all."""
    return digest(plan_to_json(replace(plan, digest="")))


def sealed(plan: Plan) -> Plan:
    """The plan with its digest."""
    return replace(plan, digest=plan_digest(plan))


def change_to_json(change: Change) -> bytes:
    """One change as JSON, numbers digit by digit."""
    return _encoder.encode(_exact_change(change))


def change_from_json(body: bytes | str) -> Change:
    """Reads it back."""
    return _change_decoder.decode(body)


def _exact_change(change: Change) -> Change:
    return replace(change, edits=tuple(map(_exact_edit, change.edits)))


def _exact_edit(edit: Edit) -> Edit:
    return replace(edit, before=_exact(edit.before), after=_exact(edit.after))


def _exact(value: Any) -> Any:
    """Raw JSON with every Decimal as a literal that is read as the same Decimal, an integral one included."""
    if isinstance(value, Decimal):
        return msgspec.Raw(_literal(value).encode())
    if isinstance(value, dict):
        return {key: _exact(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_exact(inner) for inner in value]
    if value is None or isinstance(value, str | int):
        return value
    raise ValueError(f"a plan cannot hold a {type(value).__name__}: {value!r}")


def _literal(value: Decimal) -> str:
    if not value.is_finite():
        raise ValueError(f"a plan cannot hold the number {value}")
    text = str(value)
    return text if any(mark in text for mark in ".E") else text + "E+0"


@dataclass(frozen=True, slots=True)
class Situation:
    """What a plan is compared with before it is applied; `pins` is (system, company) as now configured."""

    now: datetime
    lineage: str
    serial: int
    config_hash: str
    tool_version: str
    pins: Mapping[str, str]


def check_fresh(plan: Plan, now: Situation) -> None:
    """Raises StalePlanError when anything the plan was decided from has moved, or it is older than 24 hours."""
    reason = _staleness(plan, now)
    if reason:
        raise StalePlanError(f"the plan {plan.id} is stale: {reason}", fix=PLAN_AGAIN)


def too_old(plan_created_at: str, now: datetime) -> bool:
    """True when a plan of this time may not be sent any more; one from the future (a wrong clock) neither."""
    age = now - datetime.fromisoformat(plan_created_at)
    return not timedelta(minutes=-5) <= age <= timedelta(seconds=AGE_SECONDS_MAX)


def _staleness(plan: Plan, now: Situation) -> str:
    if plan.lineage != now.lineage:
        return "it was made from another ledger"
    if plan.serial != now.serial:
        return "records were pulled, something was matched or accepted, or another plan applied since"
    if plan.config_hash != now.config_hash:
        return "the configuration or a mapping changed"
    if plan.tool_version != now.tool_version:
        return f"it was made by syncctl {plan.tool_version}"
    if dict(plan.pins) != dict(now.pins):
        return "a system now opens another company"
    if too_old(plan.created_at, now.now):
        return f"it was made at {plan.created_at}, more than 24 hours ago"
    return ""
