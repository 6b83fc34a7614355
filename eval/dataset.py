"""Data sets of the benchmark: a folder of ``NAME.<media>`` with ``NAME.gt.json`` beside it.

Contents: :func:`find` (what is in a folder), :func:`split_of` (which duration split a film belongs to), :func:`clip` (a stretch of a Script
as a Script of its own), :func:`build` (long annotated works → clips), :func:`statistics` (the counts of the paper's section 9).
Times in seconds; splits are named in minutes.
"""

from __future__ import annotations

import statistics as stats
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from omniscript_mam.script import Event, Script, TimeRange, dumps, loads

from . import ffmpeg
from .errors import DatasetError, FfmpegError
from .inputs import ScoredScript, load

SPLITS_MIN = (5, 10, 15, 20, 25, 30)
"""Durations of the benchmark's clips, in minutes (paper, section 4.2)."""

REFERENCE = ".gt.json"

ENCODING = ("-c:v", "libx264", "-preset", "veryfast", "-crf", "20")
"""How pieces of films are encoded, when they have to be."""


@dataclass(frozen=True)
class Sample:
    """One film of a data set: its media file and its reference."""

    name: str
    media: Path
    reference: Path

    def load(self) -> ScoredScript:
        """The reference as it is scored; raises ScriptValidationError with the path of every fault."""
        return load(self.reference)


def find(folder: Path) -> list[Sample]:
    """The films of a folder, by name.

    Raises:
        DatasetError: there are none, or a reference has no or several media files.
    """
    samples = []
    for reference in sorted(folder.glob(f"*{REFERENCE}")):
        name = reference.name.removesuffix(REFERENCE)
        media = [path for path in folder.glob("*") if path.stem == name and path.suffix not in {".json", ".srt", ".vtt", ".txt"}]
        if len(media) != 1:
            raise DatasetError(f"{reference} has {len(media)} media files beside it")
        samples.append(Sample(name, media[0], reference))
    if not samples:
        raise DatasetError(f"{folder} holds no *{REFERENCE}")
    return samples


def split_of(duration_s: float) -> int:
    """The split, in minutes, that is nearest to a duration; the shorter one at a tie."""
    return min(SPLITS_MIN, key=lambda minutes: (abs(60 * minutes - duration_s), minutes))


def clip(script: Script, start_s: float, end_s: float) -> Script:
    """The stretch ``[start_s, end_s)`` of a script, its times shifted to begin at 0.

    An event belongs to the stretch in which it starts, and is cut at the stretch's end, so that two neighbouring clips share nothing
    and lose nothing.
    """
    clipped = script.model_copy(deep=True)
    clipped.scenes = []
    for scene in script.scenes:
        events = [_shifted(event, start_s, end_s) for event in scene.events if start_s <= event.start_s < end_s]
        if scene.start_s < end_s and scene.end_s > start_s:
            update = {"start_s": max(scene.start_s, start_s) - start_s, "end_s": min(scene.end_s, end_s) - start_s, "events": events}
            clipped.scenes.append(scene.model_copy(update=update))
    clipped.plot = [s.model_copy(update=_times(s, start_s, end_s)) for s in script.plot if s.start_s < end_s and s.end_s > start_s]
    clipped.high_points = [
        h.model_copy(update=_times(h, start_s, end_s)) for h in script.high_points if h.start_s < end_s and h.end_s > start_s
    ]
    clipped.meta.duration_s = min(end_s, script.meta.duration_s or end_s) - start_s
    return clipped


def build(media: Path, script: Script, minutes: float, out: Path) -> Iterator[Sample]:
    """Cut a long annotated work into clips of equal length, each with its shifted reference; a last piece under half a clip is left out.

    Clips are encoded anew, so that they begin exactly where their references do.

    Raises:
        DatasetError: the media file cannot be cut, or the script states no duration.
    """
    duration_s = script.meta.duration_s
    if not duration_s:
        raise DatasetError(f"the script of {media} states no duration")
    out.mkdir(parents=True, exist_ok=True)
    length_s = 60.0 * minutes
    start_s = 0.0
    while duration_s - start_s >= length_s / 2:
        end_s = min(start_s + length_s, duration_s)
        name = f"{media.stem}_{int(start_s):05d}"
        target = out / f"{name}.mp4"
        _cut(media, start_s, end_s - start_s, target)
        reference = out / f"{name}{REFERENCE}"
        reference.write_text(dumps(clip(script, start_s, end_s), indent=1), encoding="utf-8")
        yield Sample(name, target, reference)
        start_s = end_s


@dataclass(frozen=True)
class Statistics:
    """Per clip: events, scenes, words of text; and events per minute (paper, section 9.2)."""

    num_clips: int
    hours: float
    events: tuple[float, float]
    scenes: tuple[float, float]
    words: tuple[float, float]
    events_per_minute: tuple[float, float]
    """Each: mean and median over the clips."""


def statistics(samples: Sequence[Sample]) -> Statistics:
    """Count a data set, from its references."""
    rows = []
    for sample in samples:
        script = sample.load()
        ends = [unit.end_s for unit in (*script.events, *script.scenes)]
        minutes = max(ends, default=0.0) / 60
        words = sum(len(text.split()) for event in script.events for text in event.texts.values())
        rows.append((len(script.events), len(script.scenes), words, len(script.events) / minutes if minutes else 0.0, minutes))
    columns = list(zip(*rows, strict=True)) or [(), (), (), (), ()]
    means = [(stats.fmean(column), float(stats.median(column))) if column else (0.0, 0.0) for column in columns]
    return Statistics(len(rows), sum(columns[4]) / 60, means[0], means[1], means[2], means[3])


def read_script(path: Path) -> Script:
    """A Script from our JSON, for :func:`clip` and :func:`build`."""
    return loads(path.read_bytes())


def _times(part: TimeRange, start_s: float, end_s: float) -> dict[str, float]:
    return {"start_s": max(part.start_s, start_s) - start_s, "end_s": min(part.end_s, end_s) - start_s}


def _shifted(event: Event, start_s: float, end_s: float) -> Event:
    return event.model_copy(update=_times(event, start_s, end_s))


def _cut(media: Path, start_s: float, length_s: float, target: Path) -> None:
    if target.exists():
        return
    partial = target.with_suffix(".part.mp4")
    piece = ["-ss", f"{start_s:.3f}", "-i", f"file:{media.resolve()}", "-t", f"{length_s:.3f}"]
    try:
        ffmpeg.run([*piece, *ENCODING, "-c:a", "aac", f"file:{partial.resolve()}"])
    except FfmpegError as error:
        raise DatasetError(f"{media} cannot be cut at {start_s:g} s: {error}") from error
    partial.replace(target)
