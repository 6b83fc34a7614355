"""Make the film playable in a browser."""

from __future__ import annotations

from ..renditions import make_missing
from ..work import Work


def run(work: Work) -> None:
    """Make the proxy, unless it is there."""
    from inference.media import make_proxy

    make_missing(work, {"proxy": lambda folder, work, report: make_proxy(work.path, work.info, folder, report)})
