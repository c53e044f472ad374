"""How Plaid says no: type, code, text. The shape is the recorded one. No I/O."""

from __future__ import annotations

from syncctl.sandbox.base import SandboxAnswer, json_answer


class Refusal(Exception):
    """Plaid says no."""

    def __init__(self, kind: str, code: str, message: str, *, status: int = 400) -> None:
        super().__init__(message)
        self.kind = kind
        self.code = code
        self.message = message
        self.status = status

    def answer(self, request_id: str) -> SandboxAnswer:
        """The whole answer."""
        body = {
            "display_message": None,
            "documentation_url": f"https://plaid.com/docs/?ref=error#{self.kind.lower().replace('_', '-')}-errors",
            "error_code": self.code,
            "error_message": self.message,
            "error_type": self.kind,
            "request_id": request_id,
            "suggested_action": None,
        }
        return json_answer(self.status, body)


def bad_field(message: str) -> Refusal:
    """A field is missing, unknown or of another form."""
    code = "UNKNOWN_FIELDS" if "not recognized" in message else "MISSING_FIELDS" if "required" in message else ""
    return Refusal("INVALID_REQUEST", code or "INVALID_FIELD", message)


def bad_access_token() -> Refusal:
    """No item has this token."""
    text = "provided access token is in an invalid format. expected format: access-<environment>-<identifier>"
    return Refusal("INVALID_INPUT", "INVALID_ACCESS_TOKEN", text)


def item_gone() -> Refusal:
    """The item was removed."""
    text = (
        "the Item you requested cannot be found. This Item does not exist, has been previously removed via /item/remove"
    )
    return Refusal("ITEM_ERROR", "ITEM_NOT_FOUND", f"{text}, or has had access removed by the user")


def login_required() -> Refusal:
    """The bank wants its customer to sign in again."""
    text = "the login details of this item have changed (credentials, MFA, or required user action) and a user login is"
    return Refusal("ITEM_ERROR", "ITEM_LOGIN_REQUIRED", f"{text} required to update this information.")


def mutated() -> Refusal:
    """Transactions changed since the first page of this update."""
    text = (
        "Underlying transaction data changed since last page was fetched. Please restart pagination from last update."
    )
    return Refusal("TRANSACTIONS_ERROR", "TRANSACTIONS_SYNC_MUTATION_DURING_PAGINATION", text)


def limited() -> Refusal:
    """Too many requests."""
    text = "rate limit exceeded for attempts to access this item. please try again later"
    return Refusal("RATE_LIMIT_EXCEEDED", "RATE_LIMIT_EXCEEDED", text, status=429)


def broken() -> Refusal:
    """Plaid fell over."""
    return Refusal("API_ERROR", "INTERNAL_SERVER_ERROR", "an unexpected error occurred", status=500)
