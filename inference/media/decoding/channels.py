"""Channels of decoded sound as numbers, and what a mix of them is made of.

Problem: FFmpeg's mixer knows layouts, not what is in them: it refuses channels it has no layout for, adds opposite phases to silence, and
plays a channel of timecode as noise. So a track in which the plain mix would be wrong is mixed by weights of our own, chosen by
:mod:`inference.media.decoding.listening`, the same here and in the ffmpeg program's filters.

Weights: one factor per channel, to one mono sum. Samples: float32 in -1..1, channels x samples.

Contents: :func:`samples_of`, :func:`mono_block`, :func:`plain_weights`.
"""

from __future__ import annotations

import numpy as np
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler

_SCALES = {"u8": 128.0, "s16": 32768.0, "s32": 2147483648.0, "flt": 1.0, "dbl": 1.0}
_DTYPES = {"u8": "u1", "s16": "i2", "s32": "i4", "flt": "f4", "dbl": "f8"}
_MAX_PLANES = 7
"""Planes that PyAV reads safely: from eight on it runs past the end of FFmpeg's list of planes."""

_MIX = {"FC": 1.0, "FL": 0.7071, "FR": 0.7071, "FLC": 0.7071, "FRC": 0.7071, "LFE": 0.0, "LFE2": 0.0}
"""Shares of FFmpeg's own mix to mono; every channel that stands at the side, behind or above has half."""


def samples_of(block: AudioFrame) -> np.ndarray:
    """The samples of a decoded block: float32, channels x samples.

    Raises:
        ValueError: a sample format that is not known here.
    """
    name = block.format.name.removesuffix("p")
    if name not in _DTYPES:
        raise ValueError(f"samples of the format {block.format.name}")
    num_channels = block.layout.nb_channels
    if block.format.is_planar and num_channels > _MAX_PLANES:
        packer = AudioResampler(format=name, layout=block.layout, rate=block.sample_rate)
        pieces = [samples_of(piece) for piece in [*packer.resample(block), *packer.resample(None)]]
        return np.concatenate(pieces, axis=1) if pieces else np.zeros((num_channels, 0), np.float32)
    if block.format.is_planar:
        planes = [np.frombuffer(plane, _DTYPES[name], count=block.samples) for plane in block.planes]
        values = np.stack(planes).astype(np.float32)
    else:
        packed = np.frombuffer(block.planes[0], _DTYPES[name], count=block.samples * num_channels)
        values = packed.reshape(-1, num_channels).T.astype(np.float32)
    return (values - 128.0 if name == "u8" else values) / np.float32(_SCALES[name])


def mono_block(block: AudioFrame, weights: tuple[float, ...]) -> AudioFrame:
    """One channel made of a block's channels by their weights, of the same rate."""
    mono = np.asarray(weights, np.float32) @ samples_of(block)
    made = AudioFrame.from_ndarray(np.clip(mono, -1.0, 1.0)[None].astype(np.float32), format="flt", layout="mono")
    made.sample_rate = block.sample_rate
    return made


def plain_weights(names: list[str]) -> np.ndarray:
    """What FFmpeg mixes to mono, by the channels' names; they add up to one. Equal shares where the names say nothing."""
    shares = np.array([_MIX.get(name, 0.5) for name in names], np.float32)
    if not shares.any() or not _is_placed(names):
        shares = np.ones(len(names), np.float32)
    return shares / shares.sum()


def _is_placed(names: list[str]) -> bool:
    return len(set(names)) == len(names) and bool({"FL", "FC"} & set(names))
