"""The whole sound matrix: every container and codec that the ffmpeg program writes, against the program's own decode.

``python benchmarks/sound_matrix.py [--only SUFFIX …]`` prints a line for each cell that is off, and the figures of docs/benchmarks.md.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from inference.errors import InferenceError
from tests.inference.media.sound_matrix import cells, heard_of

FRAME_S, LEVEL_DB = 0.04, 1.0


def main() -> int:
    """Hear every cell."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="*", default=[])
    wanted = parser.parse_args().only
    num_done = num_off = 0
    worst_s = worst_db = 0.0
    impossible: dict[str, int] = {}
    for cell in cells():
        if wanted and cell.suffix not in wanted:
            continue
        with tempfile.TemporaryDirectory() as folder:
            try:
                heard = heard_of(cell, Path(folder))
            except (InferenceError, ValueError, OSError, IndexError) as error:
                print(f"{cell.name:32s} FAILED {error!r}", flush=True)
                num_done, num_off = num_done + 1, num_off + 1
                continue
        if heard is None:
            impossible[f"{cell.suffix} {cell.codec}"] = impossible.get(f"{cell.suffix} {cell.codec}", 0) + 1
            continue
        num_done += 1
        is_off = False
        for what, d in heard[1].items():
            if d.num_wrong or d.time_s > FRAME_S or d.level_db > LEVEL_DB or not d.num_bursts:
                is_off = True
                print(
                    f"{cell.name:32s} {what:7s} {d.time_s * 1000:6.0f} ms {d.level_db:6.2f} dB {d.num_wrong} of {d.num_bursts} wrong",
                    flush=True,
                )
            else:
                worst_s, worst_db = max(worst_s, d.time_s), max(worst_db, d.level_db)
        num_off += is_off
    print(f"{num_done} cells, {num_off} off; the worst of the others {worst_s * 1000:.0f} ms, {worst_db:.2f} dB")
    print("cannot be written: " + ", ".join(f"{name} ({count})" for name, count in impossible.items()))
    return 1 if num_off else 0


if __name__ == "__main__":
    sys.exit(main())
