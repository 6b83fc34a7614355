"""Films of any length for benchmarks: different stories, rendered by eval/world and joined without re-encoding.

Every five minutes are a story of their own (own seed, own people and places), so that a film of 40 minutes is as varied as 40 minutes
are. Small pictures and two of them a second keep the rendering short; the lines are spoken in full.
"""

from __future__ import annotations

import subprocess
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from pathlib import Path

from eval.world import render, story
from inference.media import ffmpeg_program

STORY_S = 300.0
"""Every five minutes are another story."""
SIZE = (160, 90)
FRAME_RATE = Fraction(2)


def rendered_stories(folder: Path, minutes: float, *, story_s: float = STORY_S) -> list[Path]:
    """The stories that together last ``minutes``; those that are in ``folder`` already are used again."""
    folder.mkdir(parents=True, exist_ok=True)
    num_stories = max(1, round(minutes * 60 / story_s))
    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(lambda seed: _story(folder, seed, story_s), range(num_stories)))


def long_film(folder: Path, minutes: float, *, story_s: float = STORY_S) -> Path:
    """A film that lasts exactly ``minutes`` (to one frame)."""
    target = folder / f"film-{minutes:g}min.mp4"
    if target.is_file():
        return target
    parts = rendered_stories(folder, minutes, story_s=story_s)
    listing = folder / f"film-{minutes:g}min.txt"
    listing.write_text("".join(f"file '{part.resolve()}'\n" for part in parts), encoding="utf-8")
    partial = target.with_suffix(".partial.mp4")
    command = [ffmpeg_program(), "-nostdin", "-v", "error", "-y", "-f", "concat", "-safe", "0", "-i", f"file:{listing}"]
    subprocess.run([*command, "-t", str(minutes * 60), "-c", "copy", f"file:{partial}"], check=True)
    partial.replace(target)
    return target


def _story(folder: Path, seed: int, story_s: float) -> Path:
    path = folder / f"story-{seed:02d}-{story_s:g}s.mp4"
    if not path.is_file():
        render(story(seed, story_s, 4), path, seed=seed, size=SIZE, frame_rate=FRAME_RATE)
    return path
