"""A channel: its address from where it is kept, one message through Apprise. I/O: the credential's store, network."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote, urlsplit

from syncctl.addresses import reach_of
from syncctl.alerts.dialing import Line, on
from syncctl.errors import CredentialError
from syncctl.redact import Redactor
from syncctl.report.text import short

if TYPE_CHECKING:
    from apprise import NotifyBase

    from syncctl.credentials import Credentials
    from syncctl.settings import AlertChannel

SECONDS_MAX: Final = 15.0
"""For all messages to all channels of one run together."""
LEAST_SPLIT: Final = 1_000
"""A service that takes fewer characters at once (SMS) gets the beginning only, not a hundred messages."""
PRIVATE: Final = "if this machine or network is meant, write `allow_private: true` beside the channel in syncctl.yaml"
NEVER: Final = "name the channel's own server: this address belongs to a machine's network services"
NOT_UNDERSTOOD: Final = "write the address as its service's page of github.com/caronc/apprise/wiki shows it"


class ChannelError(Exception):
    """A channel cannot be used, or did not take a message. Its address is never told; `fix` says what to do."""

    def __init__(self, message: str, fix: str = "") -> None:
        super().__init__(message)
        self.fix = fix


@dataclass(frozen=True, slots=True)
class Message:
    """What is sent: plain text."""

    title: str
    body: str
    failure: bool = True


def open_channel(channel: AlertChannel, credentials: Credentials, redact: Redactor) -> Open:
    """The channel, ready to send. Nothing is sent and no name is looked up. Raises ChannelError."""
    try:
        address = credentials.read(channel.address)
    except CredentialError as error:
        raise ChannelError(error.message, error.fix) from error
    own = Redactor([address, *_parts(address)])
    redact.add(address)
    _refuse_at_once(address, allow_private=channel.allow_private)
    return Open(_plugin(address), Line(allow_private=channel.allow_private), own)


def _parts(address: str) -> Iterable[str]:
    """What of an address may be secret: all but its scheme and a server's name. In chat://TOKEN/… the token stands
    where a server's name would."""
    parts = urlsplit(address)
    place, _, host = parts.netloc.rpartition("@")
    named = "." in host or host.partition(":")[0] == "localhost"
    texts = [*place.split(":"), *parts.path.split("/"), *parts.query.split("&"), *([] if named else [host])]
    return (text for found in texts for text in (found, unquote(found), found.partition("=")[2]) if text)


def _refuse_at_once(address: str, *, allow_private: bool) -> None:
    """What the address itself says already; every other address is checked when it is connected to."""
    try:
        reach = reach_of(urlsplit(address).hostname or "")
    except ValueError:
        return
    if reach == "never":
        raise ChannelError("its address belongs to a machine's own network services", NEVER)
    if reach == "private" and not allow_private:
        raise ChannelError("its address is on this machine or in a private network", PRIVATE)


def _plugin(address: str) -> NotifyBase:
    import apprise

    _heard()  # what Apprise says about a wrong address goes there, not to the terminal
    asset = apprise.AppriseAsset(
        app_id="syncctl",
        app_desc="syncctl",
        app_url="",
        async_mode=False,
        http_redirects=False,
        secure_logging=True,
        interpret_emojis=False,
        interpret_escapes=False,
        storage_mode=apprise.PersistentStoreMode.MEMORY,
        service_timeout=0,
    )
    if "format=" not in address:  # what reads Markdown or HTML by default would read it in a vendor's text
        address += f"{'&' if '?' in address else '?'}format=text"
    found = apprise.Apprise.instantiate(address, asset=asset, suppress_exceptions=True)
    if not isinstance(found, apprise.NotifyBase):
        raise ChannelError("Apprise does not understand its address", NOT_UNDERSTOOD)
    if "overflow=" not in address:
        split = found.body_maxlen >= LEAST_SPLIT
        found.overflow_mode = apprise.OverflowMode.SPLIT if split else apprise.OverflowMode.TRUNCATE
    return found


class Open:
    """A channel whose address was read and understood."""

    def __init__(self, plugin: NotifyBase, line: Line, redact: Redactor) -> None:
        self._plugin = plugin
        self._line = line
        self._redact = redact

    def send(self, message: Message) -> None:
        """Sends one message. Raises ChannelError."""
        import apprise

        heard = _heard()
        sender = apprise.Apprise(asset=self._plugin.asset)
        sender.add(self._plugin)
        with on(self._line), heard.listening() as said:
            taken = sender.notify(
                message.body,
                title=message.title,
                notify_type=apprise.NotifyType.FAILURE if message.failure else apprise.NotifyType.INFO,
                body_format=apprise.NotifyFormat.TEXT,
            )
        if self._line.refused:
            fix = NEVER if reach_of(self._line.refused) == "never" else PRIVATE
            raise ChannelError(f"it leads to {self._line.refused}, which an alert must not reach", fix)
        if not taken:
            why = short(self._redact("; ".join(dict.fromkeys(said)))) or "its service did not take the message"
            raise ChannelError(why, "check the address and that its service is up; syncctl alerts test")


class _Heard(logging.Handler):
    """Collects what Apprise logs about a send, by thread: it is the only place where the reason of a failure stands."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._said: dict[int, list[str]] = {}

    def emit(self, record: logging.LogRecord) -> None:
        said = self._said.get(record.thread or 0)
        if said is not None:
            said.append(record.getMessage())

    def listening(self) -> _Listening:
        return _Listening(self._said)


class _Listening:
    def __init__(self, said: dict[int, list[str]]) -> None:
        self._said = said

    def __enter__(self) -> list[str]:
        return self._said.setdefault(threading.get_ident(), [])

    def __exit__(self, *_: object) -> None:
        self._said.pop(threading.get_ident(), None)


_handler: Final = _Heard()


def _heard() -> _Heard:
    logger = logging.getLogger("apprise")
    if _handler not in logger.handlers:
        logger.addHandler(_handler)
        logger.propagate = False
    return _handler
