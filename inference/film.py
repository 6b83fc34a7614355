"""What everybody who looks at footage is given: the film, and whom to tell how far the work is.

A :class:`Film` is the file, what the probe said of it and the spool of the one decode; evidence, engines and writers read nothing else.
Times in seconds from the first displayed frame.

Contents: :class:`Film`, :class:`Sidecar`, :data:`Report` (how far a stage is), :class:`LiveEvent` and :data:`Live` (events for people who
watch), :data:`Waits` (what a writer waits for), :data:`SentenceVectors` (what words mean), :data:`MAX_SEGMENT_S`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from omniscript_mam.waiting import Waiting

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from inference.media import MediaInfo, Spool

MAX_SEGMENT_S = 300.0
"""Longest segment, in seconds (paper, section 3.2: under five minutes)."""

Report = Callable[[float, str], None]
"""``report(share, message)``: share done of the current stage, 0..1. It may raise :class:`inference.errors.Cancelled`."""


def no_report(share: float, message: str) -> None:
    """A report that nobody reads."""


SentenceVectors = Callable[[Sequence[str]], "npt.NDArray[np.float32] | None"]
"""``vectors(texts)``: unit vectors [texts, dimensions] of all-MiniLM-L6-v2, or ``None`` where they cannot be had just now."""


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


Waits = Callable[[Waiting | None], None]
"""``waits(waiting)``: the writer waits for its server; ``None``: it does not any more. It may raise to cancel."""


def not_waiting(waiting: Waiting | None) -> None:
    """Nobody is told."""


@dataclass(frozen=True)
class Sidecar:
    """A subtitle file that came with the film; ``name`` is what people call it ("film.en.srt"), wherever it is kept."""

    path: Path
    name: str


@dataclass(frozen=True)
class Film:
    """All that may be looked at: the file, what the probe found, and the spool of the one decode.

    Attributes:
        workdir: a private folder of this film and writer; a stage may keep scratch files there.
        title: what people call the film, or "".
        languages: spoken languages the user named (BCP 47), or empty to let the writer find out.
        options: writer-specific settings, plain JSON values.
        live: told of events while they are written, by writers that can.
        sidecars: subtitle files that came with it.
        sentence_vectors: what reads the meaning of lines; ``None`` without the model.
        waits: told what a writer waits for.
    """

    path: Path
    info: MediaInfo
    spool: Spool
    workdir: Path
    title: str = ""
    languages: tuple[str, ...] = ()
    options: dict[str, object] = field(default_factory=dict)
    live: Live = not_live
    sidecars: tuple[Sidecar, ...] = ()
    waits: Waits = not_waiting
    sentence_vectors: SentenceVectors | None = None
