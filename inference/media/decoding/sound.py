"""Sound on the film's clock: 16 kHz mono, every sample where its stamp says.

Problem: decoders hand out blocks of samples; laying them end to end loses start offsets and holes, and lines drift by seconds.
Here blocks that follow each other within :data:`TOLERANCE_S` form a run, each run is resampled as one and placed by its first
stamp; what lies between runs is silence, and where runs overlap the later one is trimmed. Times are seconds from the first
displayed frame.

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

    def take(self, block: AudioFrame, time_s: float | None) -> None:
        """Add a decoded block that starts at ``time_s``; without a time, where the one before ended.

        A change of rate, layout or sample format starts a new run.
        """
        kind = (block.sample_rate, block.layout.name, block.format.name)
        expected_s = self._run_start_s + self._num_fed / max(1, self._format[0] or block.sample_rate)
        if time_s is None:
            if not self._format[0]:
                return  # nothing tells when the first blocks after a seek are; the stretch before this one has them
            time_s = expected_s
        if self._resampler is None or kind != self._format or abs(time_s - expected_s) > TOLERANCE_S:
            self.finish()
            self._resampler = AudioResampler(format="s16", layout="mono", rate=SAMPLE_RATE_HZ)
            self._format, self._run_start_s, self._num_fed = kind, time_s, 0
            self._position = round(time_s * SAMPLE_RATE_HZ)
        block.pts = None  # runs are placed here; the resampler must not have ideas of its own
        self._num_fed += block.samples
        if self._weights and len(self._weights) == block.layout.nb_channels:
            block = mono_block(block, self._weights)
        for piece in self._resampler.resample(block):
            self._write(piece.to_ndarray().reshape(-1))

    def finish(self) -> None:
        """End the current run and write what the resampler still holds."""
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


def mixed(tracks: list[SoundTrack]) -> np.ndarray:
    """All tracks in one, int16. Several mono tracks are added at equal power, so that one voice among silent tracks stays audible."""
    if len(tracks) == 1:
        return tracks[0].samples
    total = np.sum([track.samples.astype(np.float32) for track in tracks], axis=0) / np.sqrt(len(tracks))
    return np.clip(np.rint(total), -32768, 32767).astype(np.int16)
