"""A person who signs in: opens what syncctl prints at a pretend vendor, and pastes where the browser ends."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from urllib.parse import parse_qsl, urlsplit

from cli.house import House, Said, Stream
from syncctl.cli.app import run
from syncctl.cli.session import Session
from syncctl.sandbox.base import Sandbox, SandboxRequest, SandboxTransport


class Person(Stream):
    """Opens the address that syncctl writes in a browser at the pretend vendor, and pastes where it ends."""

    def __init__(self, box: Sandbox, err: io.StringIO) -> None:
        super().__init__(terminal=False)
        self.box, self.err = box, err

    def readline(self, size: int = -1, /) -> str:
        (address,) = re.findall(r"^https?://\S+$", self.err.getvalue(), re.MULTILINE)
        parts = urlsplit(address)
        query = tuple(parse_qsl(parts.query))
        answer = self.box.handle(SandboxRequest("GET", parts.path, query, {}, b""))
        return answer.headers["location"]


def type_as_a_person(found: House, system: str, *words: str, environment: Mapping[str, str]) -> Said:
    """One command line whose question a person answers after a look at the system's page."""
    out, err = Stream(), Stream()
    session = Session(
        out=out,
        err=err,
        answers=Person(found.boxes[system], err),
        environment={"SYNCCTL_CONFIG": "/nonexistent", "COLUMNS": "160", **environment},
        surroundings={
            "transports": {name: SandboxTransport(box) for name, box in found.boxes.items()},
            "clock": found.clock,
        },
    )
    code = run(["--project", str(found.folder), *words], session)
    return Said(code, out.getvalue(), err.getvalue())
