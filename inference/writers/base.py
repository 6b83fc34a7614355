"""What a writer is: footage in, Script out, in three stages (paper, section 5.3, two-stage generation).

``plan`` sees the whole film coarsely and cuts it into segments under five minutes; ``write`` sees one segment closely and may run
anywhere, in any order, any number of times with the same result; ``merge`` joins what was written into one Script with one set of
names. What passes between stages is JSON text, so that each stage is a checkpoint.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from pydantic import BaseModel, ConfigDict, Field

if TYPE_CHECKING:
    from inference.media import MediaInfo, Spool
    from omniscript_mam.script import Script

MAX_SEGMENT_S = 300.0
"""Longest segment, in seconds (paper, section 3.2: under five minutes)."""

Report = Callable[[float, str], None]
"""``report(share, message)``: share done of the current stage, 0..1. It may raise :class:`inference.errors.Cancelled`."""


def no_report(share: float, message: str) -> None:
    """A report that nobody reads."""


@dataclass(frozen=True)
class LiveEvent:
    """An event as it is being written, before anybody has merged anything: for people who watch. Times from the film's start."""

    start_s: float
    end_s: float
    character: str = ""
    dialogue: str = ""
    action: str = ""
    expression: str = ""
    audio_cue: str = ""


Live = Callable[[int, Sequence[LiveEvent]], None]
"""``live(segment index, events)``: the events written since the last call. It may raise to cancel."""


def not_live(index: int, events: Sequence[LiveEvent]) -> None:
    """Nobody watches."""


@dataclass(frozen=True)
class Film:
    """All that a writer may look at: the file, what the probe found, and the spool of the one decode.

    Attributes:
        workdir: a private folder of this film and writer; a stage may keep scratch files there.
        title: what people call the film, or "".
        languages: spoken languages the user named (BCP 47), or empty to let the writer find out.
        options: writer-specific settings, plain JSON values.
        live: told of events while they are written, by writers that can.
    """

    path: Path
    info: MediaInfo
    spool: Spool
    workdir: Path
    title: str = ""
    languages: tuple[str, ...] = ()
    options: dict[str, object] = field(default_factory=dict)
    live: Live = not_live


class PlannedSegment(BaseModel):
    """One stretch for the writer: ``index`` from 0, times in seconds, the plot line and who is active, as far as the planner can tell."""

    model_config = ConfigDict(extra="forbid")

    index: int
    start_s: float
    end_s: float
    summary: str = ""
    active_characters: list[str] = Field(default_factory=list)


class Plan(BaseModel):
    """The planner's result: gapless segments from 0 to the film's end; ``notes`` holds what the writer wants to remember (plain JSON)."""

    model_config = ConfigDict(extra="forbid")

    segments: list[PlannedSegment]
    language: str = ""
    notes: dict[str, object] = Field(default_factory=dict)


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
