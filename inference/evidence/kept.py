"""Observed once: the evidence of a stretch, kept as a file of the film's work folder until the script is written.

A file is named after its stretch in milliseconds, so that a part of it is found too. Contents: :class:`KeptEvidence`,
:func:`part_of` (what was observed between two times),
:func:`subtitles_between`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from inference.checkpoints import Checkpoints

from .observed import Evidence, SubtitleLine
from .spans import Span, clip_spans

SAME_S = 0.001
"""Times in file names are whole milliseconds."""
LEAST_PART_S = 0.01
"""What lies in a stretch for less than this is not observed in it."""


class KeptEvidence:
    """The evidence kept in a film's work folder."""

    def __init__(self, workdir: Path) -> None:
        self._kept = Checkpoints(workdir / "evidence")

    def find(self, start_s: float, end_s: float) -> Evidence | None:
        """What was kept of a stretch, out of any file that covers it; ``None`` if there is none."""
        for name, (from_s, to_s) in self._stretches().items():
            if from_s <= start_s + SAME_S and to_s >= end_s - SAME_S:
                text = self._kept.read(name)
                if text is not None:
                    return part_of(Evidence.model_validate_json(text), start_s, end_s)
        return None

    def keep(self, evidence: Evidence) -> None:
        """Keep it from now on, also for later processes."""
        name = f"{round(evidence.start_s * 1000):010d}-{round(evidence.end_s * 1000):010d}.json"
        self._kept.write(name, evidence.model_dump_json(exclude_defaults=True))

    def _stretches(self) -> dict[str, Span]:
        folder = self._kept.folder
        names = sorted(path.name for path in folder.glob("*.json")) if folder.is_dir() else []
        matches = {name: re.fullmatch(r"(\d+)-(\d+)\.json", name) for name in names}
        return {name: (int(match[1]) / 1000, int(match[2]) / 1000) for name, match in matches.items() if match}


def part_of(whole: Evidence, start_s: float, end_s: float) -> Evidence:
    """The part of the evidence between two times. A line belongs where its middle is; all else is cut at the borders."""
    if abs(whole.start_s - start_s) < 2 * SAME_S and abs(whole.end_s - end_s) < 2 * SAME_S:
        return whole

    def cut(items: Sequence[Any]) -> list[Any]:
        parts = [item for item in items if min(item.end_s, end_s) - max(item.start_s, start_s) > LEAST_PART_S]
        return [item.model_copy(update={"start_s": max(item.start_s, start_s), "end_s": min(item.end_s, end_s)}) for item in parts]

    def at(items: Sequence[Any]) -> list[Any]:
        return [item for item in items if start_s <= item.time_s < end_s]

    faces = [face.model_copy(update={"samples": at(face.samples)}) for face in cut(whole.visual.faces)]
    first = max(0, round(start_s - whole.start_s))
    audio = whole.audio.model_copy(
        update={
            "lines": [line for line in whole.audio.lines if start_s <= (line.start_s + line.end_s) / 2 < end_s],
            "speech": cut(whole.audio.speech),
            "sounds": cut(whole.audio.sounds),
            "loudness_db": whole.audio.loudness_db[first : first + int(end_s - start_s)],
        }
    )
    visual = whole.visual.model_copy(
        update={
            "faces": [face for face in faces if face.samples],
            "objects": at(whole.visual.objects),
            "poses": at(whole.visual.poses),
            "texts": cut(whole.visual.texts),
            "looks": cut(whole.visual.looks),
        }
    )
    own = {"start_s": start_s, "end_s": end_s, "shots": clip_spans(whole.shots, start_s, end_s), "audio": audio, "visual": visual}
    return whole.model_copy(update={**own, "subtitles": subtitles_between(whole.subtitles, start_s, end_s)})


def subtitles_between(lines: Sequence[SubtitleLine], start_s: float, end_s: float) -> list[SubtitleLine]:
    """The lines of subtitles that belong to a stretch: those whose middle lies in it."""
    return [line for line in lines if start_s <= (line.start_s + line.end_s) / 2 < end_s]
