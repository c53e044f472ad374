"""Xero's own OpenAPI file over a body, through the checker that lies beside the vendors' data."""

from __future__ import annotations

import importlib.util
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any


@cache
def _checker(vendors: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("xero_check", vendors.parent / "tools" / "xero_check.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def problems(vendors: Path, schema: str, body: Any) -> list[str]:
    """What is wrong with a body, as `path: reason`; nothing when it conforms."""
    found: list[str] = _checker(vendors).problems(schema, body)
    return found
