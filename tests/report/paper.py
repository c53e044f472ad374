"""A page as somebody sees it, who has no colours."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from syncctl.report.page import console_for, print_page

if TYPE_CHECKING:
    from rich.console import RenderableType

    from syncctl.report.formats import Report


def on_paper(page: RenderableType, width: int, color: str = "never") -> str:
    """What is printed."""
    stream = io.StringIO()
    print_page(console_for(stream, color=color, width=width), page)
    return stream.getvalue()


def shown(report: Report, width: int) -> str:
    """What a report shows on a page of this width."""
    return on_paper(report.show(width), width)
