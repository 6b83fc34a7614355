"""The lite writer on the V2S benchmark: two clips whose references somebody wrote by looking, and films that eval/world renders.

    python benchmarks/v2s.py [--media FOLDER] [--keep FOLDER] [--judge embedding]

Without the clips (``--media``), only the rendered films are scored; anyone can repeat those.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
REFERENCES = ROOT / "benchmarks" / "references"
MEDIA = ROOT.parent / "shared" / "media"
STORIES = ((7, 60), (8, 60), (9, 60))
"""Seed and seconds of the made-up films beside the two-hander."""


def main() -> int:
    """Write, score and report; the tables go to standard output."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--media", type=Path, default=MEDIA)
    parser.add_argument("--keep", type=Path, help="keep scripts and the HTML report here")
    parser.add_argument("--judge", default="embedding")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        out = arguments.keep or Path(scratch) / "out"
        for name, folder in (
            ("clips", _clips(arguments.media, Path(scratch) / "clips")),
            ("rendered", _rendered(Path(scratch) / "rendered")),
        ):
            if not any(folder.iterdir()):
                continue
            _omniscript("run", folder, "--out", out / name, "--language", "en")
            print(f"\n## {name}, judge {arguments.judge}\n", flush=True)
            scripts = out / name / "scripts"
            _omniscript("report", folder, "--system", f"lite={scripts}", "--out", out / name / "report", "--judge", arguments.judge)
            for reference in sorted(folder.glob("*.gt.json")):
                print(f"\n### {reference.name}\n", flush=True)
                estimate = scripts / reference.name.replace(".gt.json", ".json")
                _omniscript("score", "--reference", reference, "--estimate", estimate, "--judge", arguments.judge)
    return 0


def _clips(media: Path, folder: Path) -> Path:
    """The clips that are there, each beside its reference."""
    folder.mkdir(parents=True)
    for reference in REFERENCES.glob("*.gt.json"):
        name = reference.name.removesuffix(".gt.json")
        for film in media.glob(f"{name}.*"):
            if film.suffix in {".mp4", ".webm"}:
                shutil.copy(film, folder)
                shutil.copy(reference, folder)
    return folder


def _rendered(folder: Path) -> Path:
    folder.mkdir(parents=True)
    world = [sys.executable, "-m", "eval.world"]
    subprocess.run([*world, "--story", "two-hander", "--output", str(folder / "two-hander.mp4")], check=True, stdout=sys.stderr)
    for seed, seconds in STORIES:
        options = ["--story", "random", "--seed", str(seed), "--seconds", str(seconds), "--output", str(folder / f"story-{seed}.mp4")]
        subprocess.run([*world, *options], check=True, stdout=sys.stderr)
    return folder


def _omniscript(*words: object) -> None:
    subprocess.run([sys.executable, "-m", "omniscript_mam.cli", "eval", *map(str, words)], check=True)


if __name__ == "__main__":
    sys.exit(main())
