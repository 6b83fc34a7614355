"""Can the model learn: a tiny one is taught a handful of rendered films and writes their scripts back, with and without sound and pictures.

    python benchmarks/overfit.py [--seed N] [--steps N]

The second table is another matter than memory: films that were held out, whose story and whose dialogue the model knows from other
films, but never heard in these voices or saw together. Films and recipe are those of ``training/``.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import torch

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from eval.inputs import SCORED_FIELDS  # noqa: E402
from training.films import DIALOGUES, STORIES, Lesson, dubbed, muted, render_lessons, unseen  # noqa: E402
from training.overfit import OverfitOptions, Pupil, Result, new_pupil, score, surprise, teach, write  # noqa: E402

T = TypeVar("T")
HELD_OUT = ((0, 3), (1, 1))
"""(story, dialogue) of the films of the second table."""


def main() -> int:
    """Print both tables as Markdown."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--steps", type=int, default=OverfitOptions.num_steps)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as scratch:
        lessons = _timed("films rendered and read", lambda: render_lessons(Path(scratch)))
        _memory(Path(scratch) / "memory", lessons, arguments)
        _held_out(Path(scratch) / "held-out", lessons, arguments)
    return 0


def _memory(folder: Path, lessons: list[Lesson], arguments: argparse.Namespace) -> None:
    pupil = _taught(folder, lessons, arguments)
    others = [_version(lessons, lesson.story, (lesson.dialogue + 1) % len(DIALOGUES)) for lesson in lessons]
    strangers = [_version(lessons, 1 - lesson.story, lesson.dialogue) for lesson in lessons]
    dubs = [dubbed(lesson, other) for lesson, other in zip(lessons, others, strict=True)]
    _header(f"{len(lessons)} films, all of them taught")
    _row("as taught", pupil, lessons, lessons)
    _row("no sound", pupil, [muted(lesson) for lesson in lessons], lessons)
    _row("no pictures", pupil, [unseen(lesson) for lesson in lessons], lessons)
    _row("another version's sound, by the film's script", pupil, dubs, lessons)
    _row("another version's sound, by the sound's script", pupil, dubs, others)
    _row("pictures of the other story", pupil, [dubbed(lesson, sound) for lesson, sound in zip(strangers, lessons, strict=True)], lessons)
    _row("each film's own mouths, never seen", pupil, [replace(lesson, frames=lesson.own_frames) for lesson in lessons], lessons)
    heard, mute = surprise(pupil, lessons), surprise(pupil, [muted(lesson) for lesson in lessons])
    print(f"\nSurprise per film: {heard:.2f} nats with sound, {mute:.2f} without.")


def _held_out(folder: Path, lessons: list[Lesson], arguments: argparse.Namespace) -> None:
    held = [lesson for lesson in lessons if (lesson.story, lesson.dialogue) in HELD_OUT]
    taught = [lesson for lesson in lessons if lesson not in held]
    pupil = _taught(folder, taught, arguments)
    borrowed = [_version(lessons, 1 - lesson.story, lesson.dialogue) for lesson in held]
    _header(f"{len(taught)} films taught, {len(held)} held out")
    _row("taught", pupil, taught, taught)
    _row("held out: known words in voices that never said them", pupil, held, held)
    _row("held out, with the sound of the other story's film", pupil, [dubbed(a, b) for a, b in zip(held, borrowed, strict=True)], held)


def _taught(folder: Path, lessons: list[Lesson], arguments: argparse.Namespace) -> Pupil:
    options = OverfitOptions(seed=arguments.seed, num_steps=arguments.steps)
    pupil = new_pupil(folder, lessons, options)
    loss = _timed("taught", lambda: teach(pupil, lessons, options, _report))
    print(f"last loss {loss:.4f}; {sum(p.numel() for p in pupil.model.parameters()) / 1e6:.2f} M parameters", file=sys.stderr)
    return pupil


def _version(lessons: Sequence[Lesson], story: int, dialogue: int) -> Lesson:
    return lessons[(story % len(STORIES)) * len(DIALOGUES) + dialogue]


def _header(title: str) -> None:
    print(f"\n## {title}\n\n| shown | events | scenes | {' | '.join(SCORED_FIELDS)} | tIoU 0.5 | unreadable |")
    print(f"| --- |{' ---: |' * (len(SCORED_FIELDS) + 4)}")


def _row(name: str, pupil: Pupil, shown: Sequence[Lesson], scripts: Sequence[Lesson]) -> None:
    result: Result = score(scripts, write(pupil, shown))
    level = result.score.events
    figures = [result.events, result.scenes, *(level.fields[field].f1 for field in SCORED_FIELDS), level.time.tiou(0.5)]
    print(f"| {name} | {' | '.join(f'{100 * figure:.1f}' for figure in figures)} | {result.num_unreadable} |", flush=True)


def _report(step: int, loss: float) -> None:
    if step % 10 == 9:
        print(f"step {step + 1}: loss {loss:.4f}", file=sys.stderr, flush=True)


def _timed(what: str, work: Callable[[], T]) -> T:
    start_s = time.monotonic()
    done = work()
    print(f"{what}: {time.monotonic() - start_s:.0f} s", file=sys.stderr, flush=True)
    return done


if __name__ == "__main__":
    sys.exit(main())
