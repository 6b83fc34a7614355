"""``python -m eval.world``: render a film and its reference.

python -m eval.world --story two-hander --output film.mp4
python -m eval.world --story random --seed 7 --seconds 120 --characters 3 --subtitles en --output film.mp4
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from . import WorldError, render, story, two_hander


def main() -> int:
    """Render, with progress on standard error."""
    parser = argparse.ArgumentParser(prog="python -m eval.world", description="Render a film with a known script.")
    parser.add_argument("--story", choices=["two-hander", "random"], default="two-hander")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--characters", type=int, default=2)
    parser.add_argument("--subtitles", default="", help="languages, separated by commas: en,zh")
    parser.add_argument("--output", type=Path, required=True)
    arguments = parser.parse_args()
    script = two_hander() if arguments.story == "two-hander" else story(arguments.seed, arguments.seconds, arguments.characters)
    languages = tuple(filter(None, arguments.subtitles.split(",")))
    try:
        render(script, arguments.output, seed=arguments.seed, subtitles=languages, report=_show)
    except WorldError as error:
        print(f"{error}\n{error.remedy}", file=sys.stderr)
        return 1
    print(arguments.output)
    return 0


def _show(share: float, message: str) -> None:
    end = "\n" if share >= 1 else ""
    print(f"\rrendering: {100 * share:3.0f}% {message}   ", end=end, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
