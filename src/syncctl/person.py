"""Who runs this: the operating system's word, never a name that the environment can set. I/O: asks the system."""

from __future__ import annotations

import os
import pwd
from collections.abc import Callable
from typing import TypeAlias

from syncctl.model import Person

Operator: TypeAlias = Callable[[], Person]
"""Asked who acts now; tests give another."""


def system_operator() -> Person:
    """The user that this process belongs to. After `su` or `sudo` that is whom it became: the system says no more."""
    uid = os.getuid()
    try:
        return Person(uid, pwd.getpwuid(uid).pw_name)
    except KeyError:  # a container may have no entry for its user
        return Person(uid, f"uid {uid}")
