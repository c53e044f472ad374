"""How people type telephone numbers and addresses: differently, and mean the same. No I/O."""

from __future__ import annotations


def as_typed(phone: str) -> str:
    """The same number with the blanks and dashes that people put in: equal once it is read as a number."""
    if not phone.startswith("+1"):
        return phone
    return f"+1 ({phone[2:5]}) {phone[5:8]}-{phone[8:]}"


def capitalised(email: str, key: int) -> str:
    """Every seventh address as somebody typed it: equal once it is read as an address."""
    return email.capitalize() if key % 7 == 0 else email
