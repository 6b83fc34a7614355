"""What a writer is: footage in, Script out, in three stages (paper, section 5.3, two-stage generation).

``plan`` sees the whole film coarsely and cuts it into segments under five minutes; ``write`` sees one segment closely and may run
anywhere, in any order, any number of times with the same result; ``merge`` joins what was written into one Script with one set of
names. What passes between stages is JSON text, so that each stage is a checkpoint.

A writer of somebody else's needs this module only: it follows :class:`Writer`, and finds here what it is given (:class:`Film`) and
what it gives (:class:`Plan`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from inference.film import MAX_SEGMENT_S, Film, Live, LiveEvent, Report, no_report, not_live
from inference.plan import Plan, PlannedSegment

if TYPE_CHECKING:
    from omniscript_mam.script import Script

__all__ = [
    "MAX_SEGMENT_S",
    "BatchWriter",
    "Film",
    "Live",
    "LiveEvent",
    "Plan",
    "PlannedSegment",
    "Report",
    "Writer",
    "no_report",
    "not_live",
]


class Writer(Protocol):
    """One way of writing a script. ``version`` changes whenever the same film may give another script."""

    name: str
    version: str

    def plan(self, film: Film, report: Report = no_report) -> Plan:
        """Cut the film into segments.

        Raises:
            WriterError, WeightsError, Cancelled
        """

    def write(self, film: Film, plan: Plan, index: int, report: Report = no_report) -> str:
        """Write segment ``index`` and return its draft as JSON text. Pure: the same film, plan and index give the same draft."""

    def merge(self, film: Film, plan: Plan, drafts: Sequence[str], report: Report = no_report) -> Script:
        """Join the drafts (one per segment, in order) into a valid Script."""


@runtime_checkable
class BatchWriter(Protocol):
    """A writer that gains from doing several segments at once; :func:`inference.pipeline.write_segments` asks."""

    def batch_size(self, film: Film) -> int:
        """How many segments it likes at once, at least 1."""

    def write_batch(self, film: Film, plan: Plan, indexes: Sequence[int], report: Report = no_report) -> list[str]:
        """The drafts of these segments, in this order: the same that :meth:`Writer.write` gives one by one."""
