"""The questions that vLLM and our own model are both asked: clips of noise, so that every picture and every second of sound matters.

Imported by both sides, in two environments. Times in seconds from the clip's start.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

RATE_HZ = 16_000
SIZE = (64, 96, 3)
NUM_NEW_TOKENS = 24


@dataclass(frozen=True)
class Asked:
    """A question about a clip. ``seed`` decides the pictures, ``sound_seed`` the sound; ``None`` for no sound."""

    text: str = "What?"
    times_s: tuple[float, ...] = ()
    sound_s: float | None = None
    duration_s: float = 7.3
    seed: int = 3
    sound_seed: int = 4

    def frames(self) -> np.ndarray:
        """uint8 (number of pictures, height, width, 3)."""
        return np.random.default_rng(self.seed).integers(0, 255, (len(self.times_s), *SIZE), dtype=np.uint8)

    def sound(self) -> np.ndarray | None:
        """float32 at 16 kHz in steps of a WAV's sixteen bits, so that both ways of sending it give the same numbers."""
        if self.sound_s is None:
            return None
        noise = np.random.default_rng(self.sound_seed).normal(0, 0.1, round(self.sound_s * RATE_HZ))
        return (np.clip(np.round(noise * 32768), -32768, 32767) / 32768).astype(np.float32)

    def metadata(self) -> dict[str, object]:
        """What vLLM is told of the video: milliseconds."""
        indices = [round(time_s * 1000) for time_s in self.times_s]
        total = max(indices[-1] + 1, round(self.duration_s * 1000))
        return {"fps": 1000.0, "frames_indices": indices, "total_num_frames": total, "duration": self.duration_s, "do_sample_frames": False}


TIMES_S = (0.0, 0.501, 1.001, 1.501, 2.002, 4.004, 4.504)
LONG_TIMES_S = tuple(number / 2 for number in range(120))
BOTH = Asked(times_s=TIMES_S, sound_s=7.3)

CASES: dict[str, Asked] = {
    "text": Asked("Who walks in?"),
    "pictures": Asked(times_s=TIMES_S),
    "pictures and sound": BOTH,
    "the clip again": BOTH,
    "the clip again, another question": replace(BOTH, text="Who is heard?"),
    "the same pictures at other times": replace(BOTH, times_s=tuple(time_s + 0.4 for time_s in TIMES_S)),
    "the same pictures with another sound": replace(BOTH, sound_seed=5),
    "the same pictures without sound": replace(BOTH, sound_s=None),
    "late pictures and sound": Asked(times_s=(2.5, 3.0, 6.0), sound_s=7.3),
    "one picture, short sound": Asked(times_s=(1.0,), sound_s=2.2),
    "gaps between pictures": Asked(times_s=(0.0, 0.5, 9.0, 9.5), sound_s=12.0, duration_s=12.0),
    "a minute": Asked(times_s=LONG_TIMES_S, sound_s=60.0, duration_s=60.0),
}
"""In this order, so that what comes later meets vLLM's caches of what came before."""

EIGHT = [replace(BOTH, text=f"What of {number}?", seed=number, sound_seed=number + 20, sound_s=[None, 3.1, 5.0, 7.3][number % 4],
                 times_s=TIMES_S[: 1 + number % 7]) for number in range(8)]  # fmt: skip
"""Asked at once; some with, some without sound, clips of different length."""

CONTROLS: dict[str, Asked] = {
    "sound taken away": replace(BOTH, sound_s=None),
    "another sound": replace(BOTH, sound_seed=5),
    "times shifted by 0.4 s": replace(BOTH, times_s=tuple(time_s + 0.4 for time_s in TIMES_S)),
    "pictures of another clip": replace(BOTH, seed=9),
}
"""What our model is told instead of "pictures and sound": the comparison has to notice each."""
