"""The inside of the probe: read what a file is. Runs in a child process only (:mod:`inference.media.decoding.__main__`).

Steps: admission, one pass over the packets (:mod:`inference.media.decoding.packet_scan`), then the first picture and the first sound of
each track are decoded: their stamps set the clock, and what cannot be decoded is found out now and not in the middle of a job.

Contents: :func:`describe_file`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream as AvAudioStream
from av.container import InputContainer
from av.stream import Disposition
from av.video.frame import VideoFrame
from av.video.stream import VideoStream as AvVideoStream

from inference.errors import BrokenMediaError, RefusedMediaError
from inference.media.admission import check_duration, check_file, check_size, open_container, shown
from inference.media.decoding.fields import any_interlaced
from inference.media.decoding.listening import Heard, listen, outside_sounds, weights_of
from inference.media.decoding.orientation import orientation_of
from inference.media.decoding.outside_pictures import first_outside
from inference.media.decoding.packet_scan import PacketScan, StreamFacts, scan_packets
from inference.media.decoding.stamps import FrameStamps
from inference.media.decoding.timecode import find_timecode
from inference.media.description import AudioStream, MediaInfo, SubtitleStream, VideoStream, outside_notes
from inference.media.frame_rates import exact_rate, varies
from inference.media.tone import TRANSFERS
from inference.media.tracks import pick_heard

SEEKABLE = frozenset({"mov,mp4,m4a,3gp,3g2,mj2", "matroska,webm", "avi", "mpegts", "mxf", "asf", "wav", "w64", "aiff", "caf", "gxf", "nut"})
"""Containers whose stamps can be trusted after a seek. Others are read from the start."""

_TRIES = 400
"""Packets per track that are tried before a track counts as undecodable."""
_EXTRA = Disposition.comment | Disposition.visual_impaired | Disposition.hearing_impaired | Disposition.clean_effects
_SPLIT_S = 1.0
"""A track that begins so near the end of another goes on from it."""


def describe_file(
    path: Path, outside: Mapping[int, Path | None] | None = None, trail: Callable[[int, bool], None] = lambda index, is_picture: None
) -> MediaInfo:
    """Probe a file.

    Args:
        outside: tracks that the library must not touch, with the beginning of each as the ffmpeg program decoded it (of sound a WAV file
            of float samples, or None where it could not either; of the picture a MOV file of one).
        trail: told each track, and whether it is the picture, before it is decoded, so that a crash tells which it was.

    Raises:
        RefusedMediaError: not media, or beyond a limit.
        BrokenMediaError: nothing in it can be decoded.
    """
    name = shown(path)
    verdict = check_file(path)
    with open_container(path, verdict) as container:
        scan = scan_packets(container, name)
        if not scan.is_complete:
            _believe_header(container, scan)
    with open_container(path, verdict) as container:
        video = _pick_video(container, scan)
        sounds = [s for s in container.streams.audio if s.index in scan.streams and scan.streams[s.index].num_packets > 0]
        if video is None and not sounds:
            raise _nothing_inside(container, scan, name)
        stand_in = outside.get(video.index) if outside and video else None
        stand_ins = outside_sounds({s.index: outside[s.index] for s in sounds if s.index in outside} if outside else {})
        inside = [s for s in sounds if s.index not in (outside or {})]
        can_lack = bool(stand_ins or stand_in)
        picture, starts = _first_decoded(container, None if stand_in else video, inside, name, trail, can_lack_sound=can_lack)
        if stand_in and video:
            picture = first_outside(stand_in), _first_stamp(scan.streams[video.index])
        starts |= {index: scan.streams[index].first_s or 0.0 for index in stand_ins if index in scan.streams}
        read = [s for s in sounds if s.index in starts]
        is_seekable = container.format.name in SEEKABLE and not scan.has_jumps
        duration_s = max((facts.end_s - (facts.first_s or 0.0) for facts in scan.streams.values()), default=0.0)
        readable = [s.index for s in read if s.index not in stand_ins]
        with open_container(path, verdict) as ears:
            heard = listen(ears, readable, duration_s, is_seekable=is_seekable) | stand_ins
        is_interlaced_later = False
        if video is not None and picture is not None and not stand_in and not picture[0].interlaced_frame:
            trail(video.index, True)
            with open_container(path, verdict) as eyes:
                is_interlaced_later = any_interlaced(eyes, video.index, duration_s, is_seekable=is_seekable)
        lost = [number for number, s in enumerate(sounds) if s.index not in starts]
        left = set(stand_ins) | ({video.index} if stand_in and video else set())
        return _assemble(path, container, scan, video, picture, read, starts, heard, left, lost, is_interlaced_later)


def _first_stamp(facts: StreamFacts) -> int:
    stamps = facts.sorted_stamps()
    return int(stamps[0]) if len(stamps) else 0


def _nothing_inside(container: InputContainer, scan: PacketScan, name: str) -> RefusedMediaError | BrokenMediaError:
    if scan.failure or any(s.type in {"video", "audio"} for s in container.streams):
        return BrokenMediaError(f"{name} declares picture or sound, but holds none that can be read.")
    return RefusedMediaError(f"{name} holds neither picture nor sound.")


def _believe_header(container: InputContainer, scan: PacketScan) -> None:
    """Of a file too large to be scanned whole, take the ends of the tracks from the header."""
    whole_s = ((container.start_time or 0) + (container.duration or 0)) / av.time_base
    for stream in container.streams:
        facts = scan.streams.get(stream.index)
        if facts is not None and facts.num_packets > 0:
            own_s = (facts.first_s or 0.0) + float((stream.duration or 0) * facts.time_base)
            facts.end_s = max(facts.end_s, own_s if stream.duration else whole_s)
            facts.last_keyframe_s = None


def _is_cover(stream: AvVideoStream) -> bool:
    return bool(stream.disposition & (Disposition.attached_pic | Disposition.timed_thumbnails | Disposition.still_image))


def _pick_video(container: InputContainer, scan: PacketScan) -> AvVideoStream | None:
    """The picture track, of those that have packets and are no cover art: one that moves; the default; not a short one; the largest."""
    tracks = [s for s in container.streams.video if not _is_cover(s) and s.index in scan.streams and scan.streams[s.index].num_packets > 0]

    def rank(stream: AvVideoStream) -> tuple[bool, bool, bool, int, int]:
        facts, context = scan.streams[stream.index], stream.codec_context
        length_s = facts.end_s - (facts.first_s or 0.0)
        longest_s = max(scan.streams[s.index].end_s - (scan.streams[s.index].first_s or 0.0) for s in tracks)
        size = context.width * context.height if context else 0
        return facts.num_packets < 2, not stream.disposition & Disposition.default, length_s < 0.5 * longest_s, -size, stream.index

    return min(tracks, key=rank, default=None)


def _first_decoded(
    container: InputContainer,
    video: AvVideoStream | None,
    sounds: list[AvAudioStream],
    name: str,
    trail: Callable[[int, bool], None],
    *,
    can_lack_sound: bool,
) -> tuple[tuple[VideoFrame, int] | None, dict[int, float]]:
    """Decode until every track has shown something.

    Returns:
        The first displayed picture with its stamp, and the start of each sound track on the container's clock in seconds.
    """
    waiting = {s.index for s in sounds} | ({video.index} if video else set())
    tries = dict.fromkeys(waiting, 0)
    picture: tuple[VideoFrame, int] | None = None
    starts: dict[int, float] = {}
    for stream in container.streams:
        if stream.index in waiting and stream.codec_context is not None:
            stream.codec_context.thread_count = 1  # one picture; threads would only take address space
    stamps = FrameStamps(container.format.name, Fraction(video.time_base), 1) if video and video.time_base else None
    reason = ""
    try:
        for packet in container.demux([s for s in container.streams if s.index in waiting]):
            index = packet.stream.index
            if index not in waiting:
                continue
            tries[index] += 1
            trail(index, video is not None and index == video.index)
            if stamps is not None and video is not None and index == video.index:
                stamps.sent(packet)
            try:
                frames = packet.decode()
            except (av.FFmpegError, ValueError) as error:
                reason = str(getattr(error, "strerror", "") or error)
                frames = []
            for frame in frames:
                if isinstance(frame, VideoFrame) and stamps is not None:
                    picture = (frame, stamps.of(frame))
                elif isinstance(frame, AudioFrame) and frame.samples and frame.pts is not None and frame.time_base:
                    starts[index] = float(frame.pts * frame.time_base)
                else:
                    continue
                waiting.discard(index)
                break
            if tries[index] > _TRIES:
                waiting.discard(index)
            if not waiting:
                break
    except MemoryError as error:
        raise RefusedMediaError(f"{name} asks for more memory than is allowed.") from error
    except (av.FFmpegError, OSError, ValueError) as error:
        reason = str(getattr(error, "strerror", "") or error)
    if video is not None and picture is None:
        codec = video.codec_context.name if video.codec_context else "unknown codec"
        raise BrokenMediaError(f"{name}: no picture can be decoded ({codec}{', ' + reason if reason else ''}).")
    if video is None and not starts and not can_lack_sound:
        raise BrokenMediaError(f"{name}: no sound can be decoded{' (' + reason + ')' if reason else ''}.")
    return picture, starts


def _assemble(
    path: Path,
    container: InputContainer,
    scan: PacketScan,
    video: AvVideoStream | None,
    picture: tuple[VideoFrame, int] | None,
    sounds: list[AvAudioStream],
    starts: dict[int, float],
    listened: dict[int, Heard],
    outside: set[int],
    lost: list[int],
    is_interlaced_later: bool,
) -> MediaInfo:
    name = shown(path)
    stream = _describe_video(video, picture, scan, name, is_interlaced_later=is_interlaced_later) if video and picture else None
    if stream and stream.index in outside:
        stream = replace(stream, is_outside=True)
    audio = tuple(_describe_audio(s, scan.streams[s.index], starts[s.index], listened[s.index], s.index in outside) for s in sounds)
    heard, said = pick_heard(audio)
    zero_s = stream.start_s if stream else starts[sounds[heard[0] if heard else 0].index]
    audio = tuple(replace(track, start_s=round(track.start_s - zero_s, 6)) for track in audio)
    ends = [scan.streams[s.index].end_s for s in sounds]
    if stream and video:
        ends.append(scan.streams[video.index].end_s)
    end_s = max(ends)
    duration_s = max(end_s - zero_s, 1 / float(stream.frame_rate) if stream else 0.0)
    check_duration(duration_s, name)
    if duration_s <= 0:
        raise BrokenMediaError(f"{name} lasts no time at all.")
    notes = _reading_notes(scan, _declared_end_s(container), end_s, duration_s)
    notes += [f"Sound track {number + 1} cannot be decoded and is left out." for number in lost]
    notes += _going_on(container, scan, video, [sounds[number].index for number in heard])
    kinds = ["picture"] if stream and stream.is_outside else []
    notes += outside_notes(kinds + (["sound"] if any(track.is_outside for track in audio) else []))
    notes += said
    timecode, drop_frame = find_timecode(container, video)
    clock_starts = [s.first_s for s in scan.streams.values() if s.first_s is not None]
    return MediaInfo(
        num_bytes=path.stat().st_size,
        container=container.format.name,
        duration_s=round(duration_s, 6),
        start_timecode=timecode,
        drop_frame=drop_frame,
        video=stream,
        audio=audio,
        subtitles=_subtitles(container),
        heard=heard,
        zero_s=zero_s,
        clock_start_s=min(clock_starts, default=0.0),
        is_seekable=container.format.name in SEEKABLE and not scan.has_jumps,
        has_jumps=scan.has_jumps,
        has_attached_picture=any(_is_cover(s) for s in container.streams.video),
        notes=tuple(notes),
    )


def _reading_notes(scan: PacketScan, declared_s: float, end_s: float, duration_s: float) -> list[str]:
    """What is to be said of how the file was read; ends on the container's clock."""
    notes = []
    if scan.failure:
        notes.append(f"Reading stopped before the end of the file ({scan.failure}).")
    if scan.is_complete and declared_s - end_s > max(1.0, 0.02 * duration_s):
        notes.append(f"The file declares {declared_s:.1f} s but holds only {duration_s:.1f} s; it may be cut off.")
    if scan.has_jumps:
        notes.append("The time stamps jump; the pieces are laid end to end.")
    return notes


def _subtitles(container: InputContainer) -> tuple[SubtitleStream, ...]:
    return tuple(
        SubtitleStream(
            s.index, s.codec_context.name if s.codec_context else "", _language(s.metadata), bool(s.disposition & Disposition.forced)
        )
        for s in container.streams.subtitles
    )


def _declared_end_s(container: InputContainer) -> float:
    """Where the header says that the file ends, on the container's clock (some formats count from its start, some from
    zero: the earlier).
    """
    if not container.duration or container.duration < 0:
        return 0.0
    return (min(container.start_time or 0, 0) + container.duration) / av.time_base


def _describe_video(
    video: AvVideoStream, picture: tuple[VideoFrame, int], scan: PacketScan, name: str, *, is_interlaced_later: bool
) -> VideoStream:
    frame, start_pts = picture
    check_size(frame.width, frame.height, name)
    facts = scan.streams[video.index]
    time_base = facts.time_base
    stamps = facts.sorted_stamps()
    stamps = stamps[stamps >= start_pts]
    declared = Fraction(video.average_rate) if video.average_rate else (Fraction(video.guessed_rate) if video.guessed_rate else None)
    rate = exact_rate(declared, stamps, time_base)
    turn_deg, is_mirrored = orientation_of(frame)
    width_px, height_px = _display_size(video, frame)
    if turn_deg in {90, 270}:
        width_px, height_px = height_px, width_px
    context = video.codec_context
    if facts.last_duration_s == 0.0:  # the last frame lasts as long as the others
        facts.end_s += 1 / float(rate)
    end_s = facts.end_s
    return VideoStream(
        index=video.index,
        codec=context.codec.canonical_name,
        width_px=width_px,
        height_px=height_px,
        rotation_deg=turn_deg,
        is_mirrored=is_mirrored,
        frame_rate=rate,
        is_variable=varies(stamps, time_base),
        is_interlaced=bool(frame.interlaced_frame) or is_interlaced_later,
        transfer=TRANSFERS.get(int(frame.color_trc or 0), ""),
        start_s=float(start_pts * time_base),
        start_pts=start_pts,
        time_base=time_base,
        num_frames=max(1, len(stamps) or facts.num_packets) if scan.is_complete else round((end_s - float(start_pts * time_base)) * rate),
        coded_width_px=frame.width,
        coded_height_px=frame.height,
        pixel_format=frame.format.name,
        profile=str(context.profile or ""),
        duration_s=round(max(0.0, end_s - float(start_pts * time_base)), 6),
        keyframe_gap_s=round(max(facts.keyframe_gap_s, end_s - facts.last_keyframe_s if facts.last_keyframe_s is not None else 0.0), 6),
    )


def _display_size(video: AvVideoStream, frame: VideoFrame) -> tuple[int, int]:
    """Size with square pixels: the width is stretched or shrunk, the height kept. An absurd pixel aspect is ignored."""
    aspect = video.sample_aspect_ratio or (video.codec_context.sample_aspect_ratio if video.codec_context else None)
    if not aspect or not Fraction(1, 4) <= Fraction(aspect) <= 4:
        return frame.width, frame.height
    return max(1, round(frame.width * Fraction(aspect))), frame.height


def _going_on(container: InputContainer, scan: PacketScan, video: AvVideoStream | None, heard: list[int]) -> list[str]:
    """Notes on tracks that begin where a used one ends: the file was joined, and its second half stands in other tracks."""
    notes = []
    used = {"picture": [video.index] if video else [], "sound": heard}
    for kind, indexes in used.items():
        same = [s.index for s in container.streams if s.type == ("video" if kind == "picture" else "audio") and s.index in scan.streams]
        ends = [scan.streams[index].end_s for index in indexes]
        for index in same:
            facts = scan.streams[index]
            if (
                index not in indexes
                and facts.first_s is not None
                and ends
                and facts.first_s >= max(ends) - _SPLIT_S
                and facts.num_packets > 1
            ):
                notes.append(
                    f"The {kind} goes on in another track from {facts.first_s - (scan.streams[indexes[0]].first_s or 0.0):.1f} s on, "
                    "which is left out: join the file anew (remux it) to have all of it."
                )
    return notes


def _describe_audio(stream: AvAudioStream, facts: StreamFacts, start_s: float, heard: Heard, is_outside: bool) -> AudioStream:
    context = stream.codec_context
    layout = f"{len(heard.names)} channels" if is_outside else context.layout.name
    num_channels = len(heard.names) if is_outside else len(context.layout.channels)
    weights, mix_note = weights_of(heard, layout, is_outside=is_outside)
    clock = heard.timecode_channels
    return AudioStream(
        index=stream.index,
        codec=context.codec.canonical_name,
        sample_rate_hz=int(context.sample_rate or 0),
        num_channels=num_channels,
        layout=layout,
        start_s=start_s,
        language=_language(stream.metadata),
        duration_s=round(facts.end_s - (facts.first_s or 0.0), 6),
        has_gaps=facts.has_gaps,
        weights=weights,
        mix_note=mix_note,
        is_default=bool(stream.disposition & Disposition.default),
        is_extra=bool(stream.disposition & _EXTRA),
        is_silent=heard.is_silent,
        is_timecode=bool(clock) and len(clock) == num_channels,
        timecode=heard.label,
        is_outside=is_outside,
    )


def _language(metadata: dict[str, str]) -> str:
    language = metadata.get("language", "")
    return "" if language in {"und", "unk", "mis", "zxx"} or not language.replace("-", "").isalnum() else language[:16]
