"""The spool: what one decode of a film left behind, for every model to read.

Problem: a 90-minute film must be decoded once, in pieces that survive a crash, and read many times with flat memory. Each piece
of at most :data:`CHUNK_S` is made in a child process, in a folder of its own, which gets its final name only when it is whole.
Times are seconds from the first displayed frame; ranges include their start and exclude their end.

Contents: :func:`survey_ranges`, :func:`survey_chunk` (writing), :class:`Spool` (reading).
"""

from __future__ import annotations

import contextlib
import io
import json
import math
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from inference.errors import BrokenMediaError, DecoderStoppedError, SpoolError
from inference.media.admission import shown
from inference.media.captions import CaptionRow, caption_rows
from inference.media.description import Frame, FrameOnDemand, MediaInfo, outside_notes
from inference.media.outside import outside_stretch
from inference.media.outside_pictures import outside_pictures
from inference.media.sandbox.child import SURVEY_LIMITS, run_child
from inference.media.tracks import MARKER, outside_name
from inference.sampling import FRAME_RATE_HZ, SAMPLE_RATE_HZ

CHUNK_S = 120.0
"""Length of a piece: what a crash loses at most, against the warm-up that each piece decodes once more."""
_REMEMBERED = 4
"""Pieces whose index of frames is kept in memory; readers go through a film in order, with a look back."""


def survey_ranges(info: MediaInfo) -> list[tuple[float, float]]:
    """The pieces of the decode: gapless, in order, each at most :data:`CHUNK_S` seconds."""
    count = max(1, math.ceil(info.duration_s / CHUNK_S - 1e-9))
    return [(number * CHUNK_S, min((number + 1) * CHUNK_S, info.duration_s)) for number in range(count)]


def survey_chunk(path: Path, info: MediaInfo, spool_dir: Path, index: int, report: Callable[[float, str], None] | None = None) -> None:
    """Decode one piece into the spool. Does nothing if it is there already; any number may run at once, in any processes.

    Args:
        index: which of :func:`survey_ranges`.
        report: told the share done of this piece; may raise to cancel.

    Raises:
        MediaError: the file cannot be read, or is beyond a limit as decoded.
    """
    final = _chunk_dir(spool_dir, index)
    if _holds(final, info):
        return
    if final.is_dir():  # other sound tracks were chosen since
        stale = Path(tempfile.mkdtemp(prefix=f".{final.name}-{os.getpid()}-", dir=spool_dir))
        with contextlib.suppress(OSError):
            final.rename(stale)
        shutil.rmtree(stale, ignore_errors=True)
    start_s, end_s = survey_ranges(info)[index]
    spool_dir.mkdir(parents=True, exist_ok=True)
    _remove_dead(spool_dir, index)
    folder = Path(tempfile.mkdtemp(prefix=f".{final.name}-{os.getpid()}-", dir=spool_dir))

    done = 0.0

    def on_progress(share: float) -> None:
        nonlocal done
        done = max(done, share)  # no news (-1) repeats what is known, so that the caller can cancel
        if report is not None:
            report(done, f"reading {start_s + done * (end_s - start_s):.0f} s")

    try:
        _decode_somehow(path, info, folder, (start_s, end_s), on_progress)
        folder.chmod(0o755)
        try:
            folder.rename(final)
        except OSError:
            if not final.is_dir():  # somebody else was faster: theirs is as good
                raise
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _decode_somehow(path: Path, info: MediaInfo, folder: Path, range_s: tuple[float, float], on_progress: Callable[[float], None]) -> None:
    """Decode; where our reader crashes, again with what it crashed on decoded by the ffmpeg program, and then with all of it."""
    crash: DecoderStoppedError | None = None
    while True:
        try:
            return _decode(path, info, folder, range_s, on_progress)
        except DecoderStoppedError as error:
            further = _further_outside(info, _decoded_last(folder))
            if further is None:
                raise
            crash, info = error, further
        except BrokenMediaError as error:
            if crash is None:
                raise
            raise DecoderStoppedError(f"{crash} No other decoder could read it ({error}).") from error
        finally:
            (folder / MARKER).unlink(missing_ok=True)


def _decoded_last(folder: Path) -> str:
    marker = folder / MARKER
    return marker.read_text(encoding="ascii", errors="replace") if marker.is_file() else ""


def _further_outside(info: MediaInfo, last: str) -> MediaInfo | None:
    """The same film with more of it left to the ffmpeg program: what was decoded when our reader died, else what it still decodes."""
    is_sound_inside = any(not track.is_outside for track in info.heard_audio)
    is_picture_inside = info.video is not None and not info.video.is_outside
    if info.video is not None and is_picture_inside and (last == "p" or not is_sound_inside):
        return replace(info, video=replace(info.video, is_outside=True))
    return _all_outside(info) if is_sound_inside else None


def _decode(path: Path, info: MediaInfo, folder: Path, range_s: tuple[float, float], on_progress: Callable[[float], None]) -> None:
    """Sound of the tracks that our reader cannot decode by the ffmpeg program, all else in a child."""
    for track in info.heard_audio:
        if track.is_outside:
            outside_stretch(path, info, track, range_s, folder / outside_name(track.index))
    request = {
        "task": "survey",
        "path": str(path.absolute()),
        "info": info.to_data(),
        "folder": str(folder),
        "start_s": range_s[0],
        "end_s": range_s[1],
    }
    if info.video is None or not info.video.is_outside:
        run_child(request, shown(path), SURVEY_LIMITS, on_progress)
        return

    def read(outlet: int, is_counted: bool) -> dict[str, Any]:
        piped = request | {"pipe": outlet, "is_counted": is_counted}
        said: dict[str, Any] = run_child(piped, shown(path), SURVEY_LIMITS, on_progress, handed=(outlet,))
        return said

    outside_pictures(path, info, range_s[0], read)


def _all_outside(info: MediaInfo) -> MediaInfo:
    return replace(info, audio=tuple(replace(track, is_outside=True) for track in info.audio))


def _holds(folder: Path, info: MediaInfo) -> bool:
    """Whether a piece is there, with the sound tracks that are heard now (pieces of older releases do not say which)."""
    if not folder.is_dir():
        return False
    try:
        heard = json.loads((folder / "chunk.json").read_text()).get("heard")
    except (OSError, ValueError):
        return True  # what is wrong with it is told where it is read
    return heard is None or tuple(heard) == info.heard


def _chunk_dir(spool_dir: Path, index: int) -> Path:
    return spool_dir / f"chunk_{index:05d}"


def _remove_dead(spool_dir: Path, index: int) -> None:
    """Remove what processes that no longer live have left unfinished."""
    for folder in spool_dir.glob(f".{_chunk_dir(spool_dir, index).name}-*"):
        owner = folder.name.split("-")[1]
        if owner.isdigit() and not Path(f"/proc/{owner}").exists() and Path("/proc/self").exists():
            shutil.rmtree(folder, ignore_errors=True)


class Spool:
    """Read a film's spool.

    Args:
        spool_dir: the folder that :func:`survey_chunk` wrote to.
        info: the same description that it was given.
    """

    def __init__(self, spool_dir: Path, info: MediaInfo) -> None:
        self.spool_dir = spool_dir
        self.info = info
        self._ranges = survey_ranges(info)
        self._indexes: dict[int, tuple[np.ndarray, np.ndarray]] = {}

    @property
    def has_video(self) -> bool:
        """Whether there are pictures."""
        return self.info.video is not None

    @property
    def has_audio(self) -> bool:
        """Whether there is sound."""
        return bool(self.info.heard)

    @property
    def duration_s(self) -> float:
        """Length of the film."""
        return self.info.duration_s

    @property
    def frame_size(self) -> tuple[int, int]:
        """Width and height of the frames in pixels; (0, 0) without video."""
        return self.info.video.sampled_size if self.info.video else (0, 0)

    def missing(self) -> list[int]:
        """Indexes of the pieces that are not there yet."""
        return [index for index in range(len(self._ranges)) if not _holds(_chunk_dir(self.spool_dir, index), self.info)]

    def is_complete(self) -> bool:
        """Whether every piece is there."""
        return not self.missing()

    def audio(self, start_s: float, end_s: float) -> np.ndarray:
        """Sound of a range: float32 in -1..1, mono, 16 kHz, exactly ``round((end_s - start_s) * 16000)`` samples; silence outside the film.

        Raises:
            SpoolError: a piece of the range is missing.
        """
        num_samples = max(0, round((end_s - start_s) * SAMPLE_RATE_HZ))
        result = np.zeros(num_samples, np.float32)
        if not self.has_audio:
            return result
        first = round(start_s * SAMPLE_RATE_HZ)
        for index, (chunk_start_s, chunk_end_s) in enumerate(self._ranges):
            chunk_first, chunk_past = round(chunk_start_s * SAMPLE_RATE_HZ), round(chunk_end_s * SAMPLE_RATE_HZ)
            begin, past = max(first, chunk_first), min(first + num_samples, chunk_past)
            if begin < past:
                file = self._file(index, "audio.s16")
                values = np.fromfile(file, "<i2", count=past - begin, offset=2 * (begin - chunk_first))
                result[begin - first : begin - first + len(values)] = values.astype(np.float32) / 32768.0
        return result

    def frames(self, start_s: float, end_s: float, rate_hz: float = FRAME_RATE_HZ) -> Iterator[Frame]:
        """The frames on screen at ``start_s`` and every ``1 / rate_hz`` after it, before ``end_s``; none twice.

        The survey keeps the frame on screen at each quarter second, so instants are rounded down to those. Each frame has its exact
        presentation time: the first may have come on screen a little before ``start_s``.

        Args:
            rate_hz: at most 4 is useful.

        Raises:
            SpoolError: a piece of the range is missing.
        """
        for frame in self.frames_on_demand(start_s, end_s, rate_hz):
            yield Frame(frame.time_s, frame.image)

    def frames_on_demand(self, start_s: float, end_s: float, rate_hz: float = FRAME_RATE_HZ) -> list[FrameOnDemand]:
        """What :meth:`frames` gives, with all times known and no picture decoded yet.

        Raises:
            SpoolError: a piece of the range is missing.
        """
        if not self.has_video:
            return []
        rate_hz = min(rate_hz, FRAME_RATE_HZ)
        start_s, end_s = max(0.0, start_s), min(end_s, self.duration_s)
        listed: list[FrameOnDemand] = []
        for number in range(max(0, math.ceil((end_s - start_s) * rate_hz - 1e-9))):
            kept = self._frame_at(start_s + number / rate_hz)
            if kept is not None and (not listed or kept[2] > listed[-1].time_s):
                listed.append(FrameOnDemand(kept[2], partial(self._image, kept[0], kept[1])))
        return listed

    def frame_at(self, time_s: float) -> Frame | None:
        """The kept frame that was on screen at ``time_s``, or None (no video, or after its end)."""
        kept = self._frame_at(time_s) if self.has_video else None
        return None if kept is None else Frame(kept[2], self._image(kept[0], kept[1]))

    def shots(self) -> list[tuple[float, float]]:
        """Gapless shots over ``[0, duration_s)``, exact to the frame; one shot where there is no video."""
        from inference.media.shots import black_stretches, shots_between

        if not self.has_video:
            return [(0.0, self.duration_s)]
        cuts = [float(cut) for index in range(len(self._ranges)) for cut in self.chunk_facts(index)["cuts_s"]]
        times_s, luma, _ = self.curve()
        return shots_between(cuts, black_stretches(times_s, luma), self.duration_s)

    def curve(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Per frame of the film: time in seconds (float64), mean luma 0..1, mean absolute change of luma since the frame
        before (float32).
        """
        parts = []
        for index in range(len(self._ranges)):
            with np.load(self._file(index, "curve.npz"), allow_pickle=False) as data:
                parts.append((data["times_s"], data["luma"], data["change"]))
        times_s, luma, change = (np.concatenate(columns) for columns in zip(*parts, strict=True))
        return times_s, luma, change

    def chunk_facts(self, index: int) -> dict[str, Any]:
        """What the survey noted about a piece: its range, cuts, counts of frames and of decoding errors."""
        facts: dict[str, Any] = json.loads(self._file(index, "chunk.json").read_text())
        return facts

    def notes(self) -> tuple[str, ...]:
        """What people are told of how the pieces that are there were decoded."""
        there = set(range(len(self._ranges))) - set(self.missing())
        return outside_notes({kind for index in there for kind in self.chunk_facts(index).get("outside", ())})

    def captions(self) -> tuple[dict[str, list[CaptionRow]], bool]:
        """The closed captions in the pictures by their service ("CC1"), and whether there are newer ones (CEA-708) which are not read."""
        facts = [self.chunk_facts(index) for index in range(len(self._ranges))]
        return caption_rows(self._caption_blocks()), any(each.get("has_cea_708") for each in facts)

    def _caption_blocks(self) -> Iterator[tuple[float, bytes]]:
        for index in range(len(self._ranges)):
            file = _chunk_dir(self.spool_dir, index) / "captions.json"
            if file.is_file():
                yield from ((time_s, bytes.fromhex(block)) for time_s, block in json.loads(file.read_text()))

    def _file(self, index: int, name: str) -> Path:
        file = _chunk_dir(self.spool_dir, index) / name
        if not file.is_file():
            raise SpoolError(f"Piece {index} of the spool ({name}) is missing.")
        return file

    def _index(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        """Times and offsets of a piece's frames; the last few pieces are remembered."""
        if index not in self._indexes:
            with np.load(self._file(index, "frames.npz"), allow_pickle=False) as data:
                self._indexes[index] = data["times_s"], data["offsets"]
            if len(self._indexes) > _REMEMBERED:
                self._indexes.pop(next(iter(self._indexes)))
        return self._indexes[index]

    def _frame_at(self, time_s: float) -> tuple[int, int, float] | None:
        """(piece, number in it, exact time) of the kept frame on screen at the quarter second at or before ``time_s``."""
        instant_s = math.floor(time_s * FRAME_RATE_HZ + 1e-6) / FRAME_RATE_HZ
        index = min(int(instant_s // CHUNK_S), len(self._ranges) - 1)
        while index >= 0:
            times_s, _ = self._index(index)
            position = int(np.searchsorted(times_s, instant_s + 1e-9, side="right")) - 1
            if position >= 0:
                return index, position, float(times_s[position])
            index -= 1
        return None

    def _image(self, index: int, position: int) -> np.ndarray:
        _, offsets = self._index(index)
        with self._file(index, "frames.bin").open("rb") as stream:
            stream.seek(int(offsets[position]))
            jpeg = stream.read(int(offsets[position + 1] - offsets[position]))
        with Image.open(io.BytesIO(jpeg), formats=["JPEG"]) as image:
            return np.asarray(image.convert("RGB"))
