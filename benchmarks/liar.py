"""The liar's test: an engine that answers every question with fluent inventions, declared deaf and blind, then with ears and eyes.

    python benchmarks/liar.py [--media FOLDER]

Counts the inventions that stand in the script unmarked and the heard lines that are still there; then what weighing does to a model that
answers rightly (V2S of its script before and after, lexical judge). Without the clips (``--media``) only rendered films are tried.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from eval.inputs import from_script  # noqa: E402
from eval.score import evaluate  # noqa: E402
from eval.world import render, story, two_hander  # noqa: E402
from omniscript_mam.script import Script  # noqa: E402
from tests.inference.writers.two_stage.honesty import heard_lines, honesty, written  # noqa: E402
from tests.inference.writers.two_stage.liar import Knower, Liar  # noqa: E402

MEDIA = ROOT.parent / "shared" / "media"
CLIPS = {"Sintel's trailer": "sintel_trailer-720p.mp4", "cartoon, wordless": "steamboat_willie_28s.mp4"}
STORIES = ((7, 40), (8, 40))
"""Seed and seconds of the rendered films."""
DECLARED = {"deaf and blind": (False, False), "ears and eyes": (True, True)}


def main() -> int:
    """Print both tables as Markdown."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--media", type=Path, default=MEDIA)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        rendered = _rendered(Path(scratch))
        films = {name: arguments.media / file for name, file in CLIPS.items() if (arguments.media / file).exists()}
        _liars({**films, **{name: path for name, (path, _) in rendered.items()}}, Path(scratch))
        _knowers(rendered, Path(scratch))
    return 0


def _rendered(folder: Path) -> dict[str, tuple[Path, Script]]:
    films = {}
    for seed, seconds in STORIES:
        path = folder / f"story-{seed}.mp4"
        films[f"rendered, story {seed}"] = path, render(story(seed, float(seconds)), path, seed=seed, size=(426, 240))
    path = folder / "two-hander.mp4"
    films["rendered, two-hander"] = path, render(two_hander(), path, seed=0, size=(426, 240))
    return films


def _liars(films: dict[str, Path], work: Path) -> None:
    print("| film | declared | invented lines | other inventions | true by chance | unmarked | heard lines still there |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for name, path in films.items():
        heard = heard_lines(path, work)
        for words, (hears, sees) in DECLARED.items():
            liar = Liar(hears=hears, sees=sees, name=f"remote-liar-{hears:d}{sees:d}")
            found = honesty(written(path, work, liar), liar.name, heard)
            there = f"{found.num_there} of {found.num_heard}"
            row = (name, words, found.num_invented_lines, found.num_invented, found.num_by_chance, len(found.unmarked), there)
            print(f"| {' | '.join(map(str, row))} |", flush=True)


def _knowers(films: dict[str, tuple[Path, Script]], work: Path) -> None:
    print("\n| film | V2S events before | after | dialogue before | after | lines marked doubtful |")
    print("| --- | --- | --- | --- | --- | --- |")
    for name, (path, known) in films.items():
        scripts = [written(path, work, Knower(hears=True, sees=True, known=known), hints=hints) for hints in (False, True)]
        before, after = (evaluate(from_script(known), from_script(script)).events for script in scripts)
        lines = [event for event in scripts[1].events() if event.dialogue]
        doubtful = sum((event.confidence_of("dialogue") or 0.0) < 0.5 for event in lines)
        figures = [before.overall, after.overall, before.fields["dialogue"].f1, after.fields["dialogue"].f1]
        print(f"| {name} | {' | '.join(f'{100 * figure:.1f}' for figure in figures)} | {doubtful} of {len(lines)} |", flush=True)


if __name__ == "__main__":
    sys.exit(main())
