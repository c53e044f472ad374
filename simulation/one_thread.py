"""Pulls the systems one after the other in the calling thread, so that the same seed always does the same. No I/O."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from functools import partial
from types import SimpleNamespace
from typing import Any

from simulation.patches import Patch
from syncctl.run import fetching


class _AtOnce:
    """A thread that has run when `start` returns."""

    def __init__(self, target: Callable[..., None], args: tuple[Any, ...] = (), **_words: Any) -> None:
        self._run = partial(target, *args)

    def start(self) -> None:
        self._run()

    def is_alive(self) -> bool:
        return False


class _Endless(queue.Queue[Any]):
    """A queue that takes whatever comes: nobody empties it while a system is pulled."""

    def __init__(self, _size: int) -> None:
        super().__init__()


ONE_THREAD: tuple[Patch, ...] = (
    (fetching, "threading", SimpleNamespace(Thread=_AtOnce, Event=threading.Event)),
    (fetching, "queue", SimpleNamespace(Queue=_Endless, Empty=queue.Empty)),
)
