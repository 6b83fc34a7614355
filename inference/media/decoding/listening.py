"""Listening to a file's sound tracks before one is chosen: which are silent, which hold timecode, which cancel when mixed.

Problem: headers say which track is the default and how many channels it has, not whether anything is heard in them. So some of the sound
is decoded: all of a short film, stretches spread over a long one. Times are seconds on the container's clock.

Contents: :class:`Heard`, :func:`listen`, :func:`outside_sounds`, :func:`weights_of`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.container import InputContainer

from inference.media.decoding.channels import plain_weights, samples_of
from inference.media.decoding.ltc import first_label, is_ltc

_WHOLE_S = 45.0
"""A film up to this long is listened to as a whole."""
_NUM_STRETCHES, _STRETCH_S = 12, 2.5
_LTC_S = 1.5
"""Of each stretch, what is looked at for timecode."""
_SILENT = 10 ** (-75 / 20)
"""Peak of a channel with nothing in it: under the last bits of sixteen."""
_CANCELS_DB = 12.0
"""A mix this far under its loudest channel, beyond what sharing explains, is channels in opposite phase."""
_FULL = 0.98
_GUESSED = {
    3: "FL FR LFE",
    4: "FL FR FC BC",
    5: "FL FR FC BL BR",
    6: "FL FR FC LFE BL BR",
    7: "FL FR FC LFE BC SL SR",
    8: "FL FR FC LFE BL BR SL SR",
}
"""Places that FFmpeg gives to channels of which only the number is known."""
_LOW_SHARE = 0.05
"""Power, of the loudest channel's, up to which a guessed low-frequency channel may be left out of the mix, as it is everywhere."""


@dataclass
class Heard:
    """What one track was heard to hold. ``power``, ``peak`` per channel; ``num_ltc`` of ``num_looked`` stretches are timecode.

    ``label``: what the timecode says at the track's first sample, "" where it cannot be read.
    """

    names: list[str] = field(default_factory=list)
    power: np.ndarray = field(default_factory=lambda: np.zeros(0))
    peak: np.ndarray = field(default_factory=lambda: np.zeros(0))
    cross: np.ndarray = field(default_factory=lambda: np.zeros((0, 0)))
    num_samples: int = 0
    num_looked: int = 0
    num_ended: int = 0
    label: str = ""
    num_ltc: np.ndarray = field(default_factory=lambda: np.zeros(0, int))
    stretch: list[np.ndarray] = field(default_factory=list)

    def take(self, block: AudioFrame) -> None:
        """Measure a decoded block; one with another number of channels than the first is passed over."""
        self.take_samples(samples_of(block), [channel.name for channel in block.layout.channels], block.sample_rate)

    def take_samples(self, samples: np.ndarray, names: list[str], rate_hz: int) -> None:
        """The same of plain numbers (channels x samples)."""
        if not self.names:
            self.names = names
            count = len(names)
            self.power, self.peak, self.num_ltc = np.zeros(count), np.zeros(count), np.zeros(count, int)
            self.cross = np.zeros((count, count))
        if len(samples) != len(self.names) or not samples.shape[1]:
            return
        self.peak = np.maximum(self.peak, np.abs(samples).max(axis=1))
        self.cross += (samples @ samples.T).astype(np.float64)
        self.num_samples += samples.shape[1]
        self.power = np.diag(self.cross) / self.num_samples
        if sum(piece.shape[1] for piece in self.stretch) < _LTC_S * rate_hz:
            self.stretch.append(samples)

    def end_stretch(self, rate_hz: int) -> None:
        """Look for timecode in what was kept of the stretch that ends here."""
        if self.stretch:
            whole = np.concatenate(self.stretch, axis=1)
            if float(np.abs(whole).max(initial=0.0)) > _SILENT:
                self.num_looked += 1
                are_ltc = np.array([is_ltc(channel, rate_hz) for channel in whole])
                self.num_ltc += are_ltc
                if self.num_ended == 0 and are_ltc.any():
                    self.label = first_label(whole[int(np.argmax(are_ltc))], rate_hz)
        self.num_ended += 1
        self.stretch = []

    @property
    def timecode_channels(self) -> tuple[int, ...]:
        """Channels that held linear timecode in most stretches."""
        return tuple(int(n) for n in np.flatnonzero(self.num_ltc * 2 > max(1, self.num_looked))) if self.num_looked else ()

    @property
    def is_silent(self) -> bool:
        """Whether nothing was heard in any channel."""
        return self.num_samples > 0 and float(self.peak.max(initial=0.0)) < _SILENT


def listen(container: InputContainer, indexes: list[int], duration_s: float, *, is_seekable: bool) -> dict[int, Heard]:
    """Decode some of these sound tracks. A track that fails in the middle keeps what was heard of it."""
    heard = {index: Heard() for index in indexes}
    streams = [stream for stream in container.streams.audio if stream.index in heard]
    if not streams:
        return heard
    start_s = (container.start_time or 0) / av.time_base
    for first_s, past_s in _stretches(duration_s, is_seekable=is_seekable):
        if first_s > 0:
            try:
                container.seek(int((start_s + first_s) * av.time_base))
            except (av.FFmpegError, OSError, ValueError):
                break
        _hear_stretch(container, heard, start_s + past_s if past_s < duration_s else float("inf"), past_s - first_s)
        for stream in streams:
            heard[stream.index].end_stretch(stream.codec_context.sample_rate or 48_000)
    return heard


def _stretches(duration_s: float, *, is_seekable: bool) -> list[tuple[float, float]]:
    if duration_s <= _WHOLE_S:
        return [(0.0, duration_s)]
    if not is_seekable:
        return [(0.0, _WHOLE_S)]
    step_s = (duration_s - _STRETCH_S) / (_NUM_STRETCHES - 1)
    return [(number * step_s, number * step_s + _STRETCH_S) for number in range(_NUM_STRETCHES)]


def _hear_stretch(container: InputContainer, heard: dict[int, Heard], end_s: float, longest_s: float) -> None:
    """Decode up to a moment; what has no stamps, up to so many seconds of each track."""
    streams = [stream for stream in container.streams.audio if stream.index in heard]
    open_ends = set(heard)
    lengths = dict.fromkeys(heard, 0.0)
    try:
        for packet in container.demux(streams):
            index = packet.stream.index
            if index not in open_ends:
                continue
            if packet.pts is not None and float(packet.pts * packet.time_base) >= end_s:
                open_ends.discard(index)
                if not open_ends:
                    return
                continue
            try:
                for block in packet.decode():
                    if isinstance(block, AudioFrame) and block.samples:
                        heard[index].take(block)
                        lengths[index] += block.samples / max(1, block.sample_rate)
            except (av.FFmpegError, ValueError):
                continue
            if end_s != float("inf") and lengths[index] > longest_s + 5:
                open_ends.discard(index)
                if not open_ends:
                    return
    except (av.FFmpegError, OSError, ValueError):
        return


def outside_sounds(files: Mapping[int, Path | None]) -> dict[int, Heard]:
    """The same of what the ffmpeg program decoded (WAV files of float samples); tracks that it could not decode are missing."""
    heard = {}
    for index, file in files.items():
        if file is None:
            continue
        data = file.read_bytes()
        num_channels, rate_hz = int.from_bytes(data[22:24], "little"), int.from_bytes(data[24:28], "little")
        begin = data.find(b"data") + 8
        if num_channels < 1 or begin < 44:
            continue
        count = (len(data) - begin) // (4 * num_channels) * num_channels
        samples = np.frombuffer(data, "<f4", count=count, offset=begin).reshape(-1, num_channels).T
        heard[index] = Heard()
        heard[index].take_samples(np.nan_to_num(samples), ["?"] * num_channels, rate_hz)
        heard[index].end_stretch(rate_hz)
    return heard


def weights_of(heard: Heard, layout: str, *, is_outside: bool = False) -> tuple[tuple[float, ...], str]:
    """How a track's channels become one, and why it is not FFmpeg's plain mix.

    Args:
        is_outside: the channels have an order of their own, of which FFmpeg's plain mix knows nothing.

    Returns:
        (the weights, or () for the plain mix; a note for people, or "").
    """
    count = len(heard.names)
    if count < 2 or not heard.num_samples:
        return (), ""
    clock = set(heard.timecode_channels)
    kept = [n for n in range(count) if n not in clock]
    if not kept:
        return (), ""
    weights = np.zeros(count)
    names = heard.names
    is_unplaced = count > 2 and layout.endswith("channels")
    if is_unplaced and count in _GUESSED:  # the program guesses the places by the number, and is right unless it would drop sound
        names = _GUESSED[count].split()
        dropped = [n for n, name in enumerate(names) if name == "LFE"]
        is_unplaced = any(heard.power[n] > _LOW_SHARE * heard.power.max() for n in dropped)
    is_guessed = names is not heard.names and not is_unplaced
    if is_unplaced:
        active = [n for n in kept if heard.peak[n] >= _SILENT] or kept
        weights[active] = 1 / np.sqrt(len(active))
        weights *= min(1.0, _FULL / max(float(weights @ heard.peak), 1e-9))
    else:
        weights[kept] = plain_weights([names[n] for n in kept])
    note = (
        f"{_listed([n + 1 for n in sorted(clock)])} holds timecode (LTC{_from(heard.label)}) and is left out of what is heard"
        if clock
        else ""
    )
    loudest = max(kept, key=lambda n: float(heard.power[n]))
    mix = float(weights @ heard.cross @ weights) / heard.num_samples
    sharing_db = -20 * np.log10(max(float(weights[kept].max()), 1e-9))
    if heard.peak[loudest] >= _SILENT and 10 * np.log10(heard.power[loudest] / max(mix, 1e-15)) > max(_CANCELS_DB, sharing_db + 6.0):
        weights[:] = 0.0
        weights[loudest] = 1.0
        return tuple(weights.tolist()), "; ".join(
            part for part in (note, f"its channels cancel each other when mixed, so only channel {loudest + 1} is heard") if part
        )
    if clock or is_unplaced or is_outside or is_guessed:
        return tuple(round(float(weight), 6) for weight in weights), note
    return (), ""


def _from(label: str) -> str:
    return f", from {label} on" if label else ""


def _listed(numbers: list[int]) -> str:
    return ("channel " if len(numbers) == 1 else "channels ") + ", ".join(map(str, numbers))
