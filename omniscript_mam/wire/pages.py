"""A page of a list on the wire."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypedDict, TypeVar

from omniscript_mam.selectors.pages import Page

Row = TypeVar("Row")
Wire = TypeVar("Wire")


class PageWire(TypedDict, Generic[Wire]):
    """Results ``offset`` to ``offset + len(results)`` of ``total``; ``limit`` is the most that one page has."""

    total: int
    offset: int
    limit: int
    results: list[Wire]


def page_wire(page: Page[Row], row_wire: Callable[[Row], Wire]) -> PageWire[Wire]:
    """A page whose rows are made by ``row_wire``."""
    return PageWire(total=page.total, offset=page.offset, limit=page.limit, results=[row_wire(row) for row in page.rows])
