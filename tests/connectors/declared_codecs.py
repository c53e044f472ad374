"""A fixture to import: codecs that one test declares are forgotten after it; others count the built-in ones."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from syncctl.fields.codecs import CODECS


@pytest.fixture(autouse=True)
def codecs_of_this_test_alone() -> Iterator[None]:
    before = set(CODECS)
    yield
    for name in set(CODECS) - before:
        del CODECS[name]
