"""Answers into records: each row keeps its exact bytes, with what its API says elsewhere put in front. No I/O.

A transaction's `id` is that of its pending predecessor where it has one: pending and posted are one record, and stay
one through every later change.
"""

from __future__ import annotations

import json
from typing import Any, Final

import msgspec

from syncctl.fields.undecodable import Undecodable
from syncctl.model import Poison, Record, Ref


class Item(msgspec.Struct):
    """What is read of an item."""

    item_id: str


class Account(msgspec.Struct):
    """What is read of an account."""

    account_id: str


class Transaction(msgspec.Struct):
    """What is read of a transaction."""

    transaction_id: str
    pending_transaction_id: str | None = None

    @property
    def id(self) -> str:
        """The record's id, the same before and after posting."""
        return self.pending_transaction_id or self.transaction_id


class Removed(msgspec.Struct):
    """What is told of a removed transaction."""

    transaction_id: str


class ItemAnswer(msgspec.Struct):
    """/item/get."""

    item: msgspec.Raw


class AccountsAnswer(msgspec.Struct):
    """/accounts/get and /accounts/balance/get."""

    accounts: list[msgspec.Raw]


class SyncAnswer(msgspec.Struct):
    """/transactions/sync. An empty `next_cursor`: the item's transactions are not ready."""

    added: list[msgspec.Raw]
    modified: list[msgspec.Raw]
    removed: list[Removed]
    next_cursor: str
    has_more: bool


_item: Final = msgspec.json.Decoder(ItemAnswer)
_accounts: Final = msgspec.json.Decoder(AccountsAnswer)
_sync: Final = msgspec.json.Decoder(SyncAnswer)
_heads: Final[dict[str, msgspec.json.Decoder[Any]]] = {
    "item": msgspec.json.Decoder(Item),
    "account": msgspec.json.Decoder(Account),
    "transaction": msgspec.json.Decoder(Transaction),
}


def read_item(body: bytes) -> bytes:
    """The item's own bytes. Raises Undecodable."""
    try:
        return bytes(_item.decode(body).item)
    except msgspec.DecodeError as error:
        raise Undecodable(f"not an item: {error}") from error


def read_accounts(body: bytes) -> list[bytes]:
    """The accounts' own bytes. Raises Undecodable."""
    try:
        return [bytes(row) for row in _accounts.decode(body).accounts]
    except msgspec.DecodeError as error:
        raise Undecodable(f"no accounts: {error}") from error


def read_sync(body: bytes) -> SyncAnswer:
    """One page of changes. Raises Undecodable."""
    try:
        return _sync.decode(body)
    except msgspec.DecodeError as error:
        raise Undecodable(f"no page of transactions: {error}") from error


def item_id(row: bytes) -> str:
    """An item's id. Raises Undecodable."""
    try:
        return msgspec.json.decode(row, type=Item).item_id
    except msgspec.DecodeError as error:
        raise Undecodable(f"not an item: {error}") from error


def transaction_of(row: bytes) -> Transaction:
    """What is read of a transaction. Raises Undecodable."""
    try:
        return msgspec.json.decode(row, type=Transaction)
    except msgspec.DecodeError as error:
        raise Undecodable(f"not a transaction: {error}") from error


def record_of(system: str, kind: str, row: bytes, item: str) -> Record | Poison:
    """A row as a record, or set aside."""
    try:
        head = _heads[kind].decode(row)
    except msgspec.DecodeError as error:
        return Poison(system, kind, _id_if_any(kind, row), str(error), row)
    if isinstance(head, Transaction):
        return Record(Ref(system, kind, head.id), _with(row, id=head.id, item_id=item))
    if isinstance(head, Account):
        return Record(Ref(system, kind, head.account_id), _with(row, item_id=item))
    return Record(Ref(system, kind, item), row)


def _with(row: bytes, **more: str) -> bytes:
    """The object with more keys in front; its own bytes stay as they are."""
    front = json.dumps(more, ensure_ascii=False, separators=(",", ":"))[:-1].encode()
    return front + b"," + row.lstrip()[1:]


def _id_if_any(kind: str, row: bytes) -> str:
    try:
        found = msgspec.json.decode(row)
    except msgspec.DecodeError:
        return ""
    identity = found.get(f"{kind}_id", "") if isinstance(found, dict) else ""
    return identity if isinstance(identity, str) else ""
