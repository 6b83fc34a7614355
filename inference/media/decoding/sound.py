"""Sound on the film's clock: 16 kHz mono, every sample where its stamp says.

Problem: decoders hand out blocks of samples; laying them end to end loses start offsets and holes, and lines drift by seconds.
Here blocks that follow each other within :data:`TOLERANCE_S` form a run, each run is resampled as one and placed by its first
stamp; what lies between runs is silence, and where runs overlap the later one is trimmed. A single block that is out of line by little
while the next one is in line again has a wrong stamp (in MPEG program streams a frame that two packets share is stamped as the one
after it), so it stays where it follows. Times are seconds from the first displayed frame.

Contents: :class:`SoundTrack`, :func:`mixed`.
"""

from __future__ import annotations

import numpy as np
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler

from inference.media.decoding.channels import mono_block
from inference.sampling import SAMPLE_RATE_HZ

TOLERANCE_S = 0.012
"""Stamps are rounded (a millisecond in Matroska and FLV), so smaller deviations are not holes."""
DOUBTED_S = 0.1
"""A deviation smaller than this is believed when the next block has it too."""


class SoundTrack:
    """One track's samples in a time range.

    Args:
        start_s, end_s: the range; blocks outside are cut off.
        weights: of the channels; empty: FFmpeg's plain mix.
    """

    def __init__(self, start_s: float, end_s: float, weights: tuple[float, ...] = ()) -> None:
        self._weights = weights
        self._first = round(start_s * SAMPLE_RATE_HZ)
        self.samples = np.zeros(round(end_s * SAMPLE_RATE_HZ) - self._first, np.int16)
        self._resampler: AudioResampler | None = None
        self._format: tuple[int, str, str] = (0, "", "")
        self._run_start_s = 0.0
        self._num_fed = 0
        self._position = 0
        self._written_to = self._first
        self._doubted: tuple[AudioFrame, float] | None = None

    def take(self, block: AudioFrame, time_s: float | None) -> None:
        """Add a decoded block that starts at ``time_s``; without a time, where the one before ended.

        A change of rate, layout or sample format starts a new run.
        """
        if self._doubted is not None:
            doubted, stamp_s = self._doubted
            self._doubted = None
            in_line_s = self._expected_s() + doubted.samples / max(1, doubted.sample_rate)
            is_wrong = time_s is None or abs(time_s - in_line_s) <= TOLERANCE_S
            self._feed(doubted, self._expected_s() if is_wrong else stamp_s)
        if time_s is None:
            if not self._format[0]:
                return  # nothing tells when the first blocks after a seek are; the stretch before this one has them
            time_s = self._expected_s()
        off_s = abs(time_s - self._expected_s())
        if self._resampler is not None and _kind(block) == self._format and TOLERANCE_S < off_s < DOUBTED_S:
            self._doubted = block, time_s
        else:
            self._feed(block, time_s)

    def _expected_s(self) -> float:
        """Where the next block of the run is to start."""
        return self._run_start_s + self._num_fed / max(1, self._format[0])

    def _feed(self, block: AudioFrame, time_s: float) -> None:
        if self._resampler is None or _kind(block) != self._format or abs(time_s - self._expected_s()) > TOLERANCE_S:
            self._end_run()
            self._resampler = AudioResampler(format="s16", layout="mono", rate=SAMPLE_RATE_HZ)
            self._format, self._run_start_s, self._num_fed = _kind(block), time_s, 0
            self._position = round(time_s * SAMPLE_RATE_HZ)
        block.pts = None  # runs are placed here; the resampler must not have ideas of its own
        self._num_fed += block.samples
        if self._weights and len(self._weights) == block.layout.nb_channels:
            block = mono_block(block, self._weights)
        for piece in self._resampler.resample(block):
            self._write(piece.to_ndarray().reshape(-1))

    def finish(self) -> None:
        """Write what is still held."""
        if self._doubted is not None:
            self._feed(*self._doubted)
            self._doubted = None
        self._end_run()

    def _end_run(self) -> None:
        if self._resampler is not None:
            for piece in self._resampler.resample(None):
                self._write(piece.to_ndarray().reshape(-1))
            self._resampler = None

    def _write(self, values: np.ndarray) -> None:
        begin, end = self._position, self._position + len(values)
        self._position = end
        from_ = max(begin, self._written_to)
        to = min(end, self._first + len(self.samples))
        if from_ < to:
            self.samples[from_ - self._first : to - self._first] = values[from_ - begin : to - begin]
            self._written_to = to


def _kind(block: AudioFrame) -> tuple[int, str, str]:
    return block.sample_rate, block.layout.name, block.format.name


def mixed(tracks: list[SoundTrack]) -> np.ndarray:
    """All tracks in one, int16. Several mono tracks are added at equal power, so that one voice among silent tracks stays audible."""
    if len(tracks) == 1:
        return tracks[0].samples
    total = np.sum([track.samples.astype(np.float32) for track in tracks], axis=0) / np.sqrt(len(tracks))
    return np.clip(np.rint(total), -32768, 32767).astype(np.int16)
