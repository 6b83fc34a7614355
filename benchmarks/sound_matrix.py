"""The whole sound matrix: every container and codec that the ffmpeg program writes, against the program's own decode.

``make bench-sound-matrix``, or ``python benchmarks/sound_matrix.py [--whole] [--only CONTAINER …] [--states STATE …] [--jobs N]``, prints
a line for each cell that is off, what is left out and why, and the figures of docs/benchmarks.md. Each film is heard as a job hears it:
probe, survey, proxy and waveform, decoded in children with limits, so that a library's crash ends a child and not the run.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from inference.errors import InferenceError
from inference.media.admission import FORMATS
from tests.inference.media.sound_cells import NOT_WRITTEN, Cell, cells, demuxers, written_by_none
from tests.inference.media.sound_matrix import Difference, heard_of


@dataclass
class Outcome:
    """What became of one cell: ``said`` lists what is wrong, ``container`` is FFmpeg's name for what was read."""

    cell: Cell
    container: str = ""
    said: list[str] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)


def hear(cell: Cell) -> Outcome:
    """Hear one cell."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            heard = heard_of(cell, Path(folder))
        except (InferenceError, ValueError, OSError, IndexError) as error:
            return Outcome(cell, "?", [f"FAILED {error!r}"])
    if heard is None:
        return Outcome(cell)
    outcome = Outcome(cell, heard[0].container, differences=list(heard[1].values()))
    for what, d in heard[1].items():
        if not d.is_right:
            outcome.said.append(f"{what:8s} {d.time_s * 1000:6.0f} ms {d.level_db:6.2f} dB {d.num_wrong} of {d.num_bursts} wrong")
    return outcome


def main() -> int:
    """Hear every cell."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--whole", action="store_true", help="every codec with every state (three times the work)")
    parser.add_argument("--only", nargs="*", default=[])
    parser.add_argument("--states", nargs="*", default=[])
    parser.add_argument("--jobs", type=int, default=2)
    asked = parser.parse_args()
    every = cells(is_whole=asked.whole)
    wanted = [c for c in every if (not asked.only or c.container in asked.only) and (not asked.states or c.state in asked.states)]
    done: list[Outcome] = []
    impossible: Counter[str] = Counter()
    with ThreadPoolExecutor(asked.jobs) as pool:
        for future in as_completed([pool.submit(hear, cell) for cell in wanted]):
            outcome = future.result()
            for line in outcome.said:
                print(f"{outcome.cell.name:32s} {line}", flush=True)
            if outcome.container:
                done.append(outcome)
            else:
                impossible[f"{outcome.cell.container}-{outcome.cell.codec}"] += 1
    off = [outcome for outcome in done if outcome.said]
    right = [d for outcome in done if not outcome.said for d in outcome.differences]
    pairs = {(o.cell.container, o.cell.codec) for o in done}
    worst_ms, worst_db = max((d.time_s for d in right), default=0) * 1000, max((d.level_db for d in right), default=0)
    print(f"{len(done)} cells ({len(pairs)} pairs of container and codec), {len(off)} off; the worst of the others: ", end="")
    print(f"{worst_ms:.0f} ms, {worst_db:.2f} dB")
    print(f"containers read: {', '.join(sorted({o.container for o in done}))}")
    print(f"not possible: {sum(impossible.values())} cells ({', '.join(f'{name} {count}' for name, count in impossible.items())})")
    for reason, names in NOT_WRITTEN.items():
        print(f"left out, {reason}: {names}")
    print(f"left out, read here but written by nothing here: {' '.join(written_by_none(demuxers() & set(FORMATS.split(','))))}")
    return 1 if off else 0


if __name__ == "__main__":
    sys.exit(main())
