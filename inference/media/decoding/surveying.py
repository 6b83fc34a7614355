"""The inside of the survey: decode one stretch of a film once, for everybody. Runs in a child process only
(:mod:`inference.media.decoding.__main__`).

Written into one folder: ``audio.s16`` (16 kHz mono, the stretch's samples on the film's clock), ``frames.bin`` (JPEGs end to
end) with ``frames.npz`` (their times and offsets), ``curve.npz`` (per frame: time, mean luma, change of luma), ``captions.json``
(time and hexadecimal triplets of the closed captions in the pictures, where there are any), ``chunk.json`` (the cuts and counts).
Times are seconds from the first displayed frame.

A sampled frame is the one on screen at a whole quarter of a second. Frames nobody samples are only scaled down to a thumbnail,
for shots and luma.

Contents: :func:`survey_range`, :class:`PictureTrack`, sizes and rates as constants.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import av
import cv2
import numpy as np
from av.audio.frame import AudioFrame
from av.sidedata.sidedata import Type
from av.video.frame import VideoFrame
from av.video.reformatter import Interpolation, VideoReformatter

from inference.errors import RefusedMediaError
from inference.media.admission import check_size, shown
from inference.media.captions import worth_keeping
from inference.media.decoding.orientation import upright
from inference.media.decoding.outside_pictures import outside_frames
from inference.media.decoding.seeking import packets_from
from inference.media.decoding.sound import SoundTrack, mixed
from inference.media.decoding.stamps import FrameStamps
from inference.media.description import MediaInfo, VideoStream
from inference.media.shots import LOOK_AHEAD_FRAMES, WARM_UP_S, CutFinder
from inference.media.tone import tone_mapped
from inference.media.tracks import MARKER, outside_name
from inference.sampling import FRAME_RATE_HZ

THUMBNAIL_PX = 160
"""Longer side of the pictures that cuts and luma are taken from."""
JPEG_QUALITY = 90
"""Of sampled frames. High, because faces and burnt-in text are read from them."""
VERSION = 1
"""Of the layout of a piece on disk."""
_MAX_FRAMES = 400_000
"""Frames of one piece at most: two minutes at more than 3,000 frames a second are no film."""
_SKEW_S = 15.0
"""How far apart picture and sound of one moment may lie in a file; reading goes on so long after the end of the stretch."""

_MAX_CAPTIONS = 100_000
"""Blocks of captions of one piece at most: two minutes have 7,200 pictures."""

cv2.setNumThreads(1)


class PictureTrack:
    """The pictures of a stretch: samples, thumbnails, curve and cuts."""

    def __init__(self, container: str, video: VideoStream, folder: Path, start_s: float, end_s: float, name: str) -> None:
        self._video, self._start_s, self._end_s, self._name = video, start_s, end_s, name
        self.stamps = FrameStamps(container, video.time_base, round(1 / (video.frame_rate * video.time_base)))
        self._origin = video.start_pts
        self._scaler, self._shrinker = VideoReformatter(), VideoReformatter()
        width, height = video.sampled_size
        self._sampled = (height, width) if video.rotation_deg in {90, 270} else (width, height)
        share = THUMBNAIL_PX / max(self._sampled)
        self._thumbnail = (max(2, round(self._sampled[0] * share)), max(2, round(self._sampled[1] * share)))
        self._finder = CutFinder(video.frame_rate)
        self._stream = (folder / "frames.bin").open("wb")
        self._next_sample = math.ceil(start_s * FRAME_RATE_HZ - 1e-9)
        self._pending: tuple[VideoFrame, float] | None = None
        self._last_luma: np.ndarray | None = None
        self.sampled_s: list[float] = []
        self.offsets = [0]
        self.curve: list[tuple[float, float, float]] = []
        self.has_708 = False
        self._captions: list[tuple[float, str]] = []
        self.last_s = -1.0
        self.num_late = 0

    @property
    def is_done(self) -> bool:
        """Whether the stretch and the few frames after it that the cut finder needs have been seen."""
        return self.num_late > LOOK_AHEAD_FRAMES

    def count_from(self, frame: VideoFrame) -> None:
        """Take this frame for the film's first."""
        self._origin = self.stamps.of(frame)

    def time_s(self, frame: VideoFrame) -> float:
        """When a frame is shown."""
        return float((self.stamps.of(frame) - self._origin) * self._video.time_base)

    def take(self, frame: VideoFrame) -> None:
        """Look at the next decoded frame; one that goes back in time (damage) or lies before the warm-up is skipped."""
        time_s = self.time_s(frame)
        if time_s <= self.last_s or time_s < -1e-6:
            return
        self._sample_before(time_s)
        self.last_s = time_s
        self._pending = (frame, time_s)
        if time_s >= self._start_s - WARM_UP_S:
            check_size(frame.width, frame.height, self._name)
            self._look(frame, time_s)
        if time_s >= self._end_s:
            self.num_late += 1

    def _look(self, frame: VideoFrame, time_s: float) -> None:
        width, height = self._thumbnail
        small = self._image(self._shrinker, frame, width, height, Interpolation.FAST_BILINEAR)
        self._finder.take(time_s, small)
        luma = cv2.cvtColor(small, cv2.COLOR_BGR2GRAY)
        change = float(cv2.absdiff(luma, self._last_luma).mean()) / 255 if self._last_luma is not None else 0.0
        self._last_luma = luma
        if self._start_s <= time_s < self._end_s:
            self.curve.append((time_s, float(luma.mean()) / 255, change))
            self._read_captions(frame, time_s)
            if len(self.curve) > _MAX_FRAMES:
                raise RefusedMediaError(f"{self._name} has more than {_MAX_FRAMES} frames in {self._end_s - self._start_s:.0f} s.")

    def _read_captions(self, frame: VideoFrame, time_s: float) -> None:
        side_data: Any = frame.side_data
        block = side_data.get(Type.A53_CC)
        if block is not None:
            kept, has_708 = worth_keeping(bytes(block))
            self.has_708 = self.has_708 or has_708
            if kept and len(self._captions) < _MAX_CAPTIONS:
                self._captions.append((round(time_s, 3), kept.hex()))

    def _sample_before(self, time_s: float) -> None:
        """Write the pending frame if it was on screen at a sampling instant before ``time_s``."""
        limit_s = min(time_s, self._end_s)
        if self._next_sample / FRAME_RATE_HZ >= limit_s:
            return
        if self._pending is not None:
            frame, shown_s = self._pending
            if not self.sampled_s or shown_s > self.sampled_s[-1]:
                self._write(frame, shown_s)
        self._next_sample = math.ceil(limit_s * FRAME_RATE_HZ - 1e-9)

    def _write(self, frame: VideoFrame, shown_s: float) -> None:
        width, height = self._sampled
        is_interlaced = frame.interlaced_frame or (self._video.is_outside and self._video.is_interlaced)  # raw frames do not say
        if is_interlaced and frame.height > 300:  # one field, so that motion has no combs
            whole = self._image(self._scaler, frame, frame.width, frame.height)
            image = cv2.resize(whole[::2], (width, height), interpolation=cv2.INTER_AREA)
        else:
            image = self._image(self._scaler, frame, width, height)
        image = upright(image, self._video.rotation_deg, self._video.is_mirrored)
        _, jpeg = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
        self._stream.write(jpeg.tobytes())
        self.sampled_s.append(shown_s)
        self.offsets.append(self.offsets[-1] + len(jpeg))

    def _image(
        self, scaler: VideoReformatter, frame: VideoFrame, width: int, height: int, how: Interpolation = Interpolation.BILINEAR
    ) -> np.ndarray:
        """A frame at a size, uint8 BGR; high dynamic range is brought to what screens show."""
        if not self._video.transfer:
            return scaler.reformat(frame, width, height, "bgr24", interpolation=how, threads=1).to_ndarray()
        deep = scaler.reformat(frame, width, height, "rgb48le", interpolation=how, threads=1).to_ndarray()
        return tone_mapped(deep, self._video.transfer)[..., ::-1]

    def finish(self, folder: Path) -> list[float]:
        """Write what is pending and the indexes; returns the cuts."""
        self._sample_before(max(self._video.duration_s, self.last_s + 1e-3) if not self.is_done else self._end_s)
        self._stream.close()
        if self._captions:
            (folder / "captions.json").write_text(json.dumps(self._captions))
        np.savez(folder / "frames.npz", times_s=np.array(self.sampled_s, np.float64), offsets=np.array(self.offsets, np.int64))
        curve = np.array(self.curve, np.float64).reshape(-1, 3)
        np.savez(folder / "curve.npz", times_s=curve[:, 0], luma=curve[:, 1].astype(np.float32), change=curve[:, 2].astype(np.float32))
        return self._finder.cuts(self._start_s, self._end_s)


class Pipe(NamedTuple):
    """Where pictures come from that the ffmpeg program decodes. ``is_counted``: their times count from the first of them."""

    descriptor: int
    is_counted: bool


def survey_range(
    path: Path,
    info: MediaInfo,
    folder: Path,
    start_s: float,
    end_s: float,
    progress: Callable[[float], None],
    pipe: Pipe | None = None,
) -> dict[str, Any]:
    """Decode ``[start_s, end_s)`` into ``folder``; the pictures from the pipe, where there is one.

    Raises:
        RefusedMediaError: beyond a limit as decoded.
    """
    name = shown(path)
    pictures = PictureTrack("nut" if pipe else info.container, info.video, folder, start_s, end_s, name) if info.video else None
    sounds = {s.index: SoundTrack(start_s, end_s, s.weights) for s in info.heard_audio if not s.is_outside}

    def reach(time_s: float) -> None:
        progress(min(1.0, max(0.0, time_s - start_s) / (end_s - start_s)))

    said: dict[str, Any] = {}
    if pipe is not None and pictures is not None and info.video is not None:
        said = _take_piped(pictures, pipe, outside_frames(path, info.video.index, pipe.descriptor), reach)
    num_errors = _decode(path, info, folder, None if pipe else pictures, sounds, (start_s, end_s), reach)
    outside = [stream for stream in info.heard_audio if stream.is_outside]
    tracks = list(sounds.values()) + [_from_outside(folder, stream.index, start_s, end_s) for stream in outside]
    said["outside"] = (["picture"] if pipe else []) + (["sound"] if outside else [])
    return said | _write_results(folder, pictures, tracks, num_errors, info.heard, (start_s, end_s), said["outside"])


def _take_piped(pictures: PictureTrack, pipe: Pipe, frames: Iterator[VideoFrame], reach: Callable[[float], None]) -> dict[str, Any]:
    first_s: float | None = None
    reported_s = -1.0
    for frame in frames:
        if first_s is None:
            if pipe.is_counted:
                pictures.count_from(frame)
            first_s = pictures.time_s(frame)
        pictures.take(frame)
        if pictures.is_done:
            return {"saw_end": False, "first_s": first_s}
        if pictures.last_s > reported_s + 1:
            reported_s = pictures.last_s
            reach(reported_s)
    return {"saw_end": True, "first_s": first_s}


def _decode(
    path: Path,
    info: MediaInfo,
    folder: Path,
    pictures: PictureTrack | None,
    sounds: dict[int, SoundTrack],
    range_s: tuple[float, float],
    reach: Callable[[float], None],
) -> int:
    """Decode pictures and sounds as they come in the file; returns the number of packets that could not be."""
    start_s, end_s = range_s
    wanted = set(sounds) | ({info.video.index} if info.video and pictures else set())
    finished = {s.index for s in info.heard_audio if s.index in sounds and s.start_s + s.duration_s <= start_s - 1}
    if info.video and info.video.duration_s <= start_s - WARM_UP_S:
        finished.add(info.video.index)
    num_errors, reported_s, clock_s = 0, start_s, info.zero_s
    with (folder / MARKER).open("wb", buffering=0) as marker:
        for timed in packets_from(path, info, max(0.0, start_s - WARM_UP_S)) if wanted else ():
            index = timed.packet.stream.index
            if timed.time_s is not None and timed.time_s > end_s + (_SKEW_S if index not in sounds else 1.0):
                finished.add(index)
            if pictures is not None and info.video is not None and pictures.is_done:
                finished.add(info.video.index)
                if timed.time_s is not None and timed.time_s > end_s + _SKEW_S:
                    break
            if finished >= wanted:
                break
            if (
                index in finished or index not in wanted or (timed.packet.size == 0 and timed.time_s is not None)
            ):  # empty packet: the last picture stays
                continue
            os.pwrite(marker.fileno(), b"s" if index in sounds else b"p", 0)
            if pictures is not None and index not in sounds:
                pictures.stamps.sent(timed.packet)
            try:
                frames = timed.packet.decode()
            except (av.FFmpegError, ValueError):
                num_errors += 1
                continue
            for number, frame in enumerate(frames):
                if isinstance(frame, VideoFrame) and pictures is not None:
                    pictures.take(frame)
                elif isinstance(frame, AudioFrame) and frame.samples:
                    _hear(sounds[index], frame, timed.time_s if number == 0 else None, clock_s)
            if timed.time_s is not None and timed.time_s > reported_s + 1:
                reported_s = timed.time_s
                reach(reported_s)
    return num_errors


def _from_outside(folder: Path, index: int, start_s: float, end_s: float) -> SoundTrack:
    track = SoundTrack(start_s, end_s)
    file = folder / outside_name(index)
    if file.is_file():
        values = np.fromfile(file, "<i2", count=len(track.samples))
        track.samples[: len(values)] = values
        file.unlink()
    return track


def _hear(track: SoundTrack, block: AudioFrame, packet_s: float | None, clock_s: float) -> None:
    if block.pts is not None and block.time_base:
        track.take(block, float(block.pts * block.time_base) - clock_s)
    else:
        track.take(block, packet_s)


def _write_results(
    folder: Path,
    pictures: PictureTrack | None,
    sounds: list[SoundTrack],
    num_errors: int,
    heard: tuple[int, ...],
    range_s: tuple[float, float],
    outside: list[str],
) -> dict[str, Any]:
    cuts = pictures.finish(folder) if pictures else []
    if sounds:
        for track in sounds:
            track.finish()
        (folder / "audio.s16").write_bytes(mixed(sounds).astype("<i2").tobytes())
    facts = {
        "version": VERSION,
        "start_s": range_s[0],
        "end_s": range_s[1],
        "heard": list(heard),
        "outside": outside,
        "cuts_s": cuts,
        "num_frames": len(pictures.curve) if pictures else 0,
        "num_samples": len(pictures.sampled_s) if pictures else 0,
        "num_decode_errors": num_errors,
        "has_cea_708": pictures.has_708 if pictures else False,
    }
    (folder / "chunk.json").write_text(json.dumps(facts))
    return facts
