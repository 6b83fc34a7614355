"""The inside of the probe: read what a file is. Runs in a child process only (:mod:`inference.media.decoding.__main__`).

Steps: admission, one pass over the packets (:mod:`inference.media.decoding.packet_scan`), then the first picture and the first sound of
each track are decoded: their stamps set the clock, and what cannot be decoded is found out now and not in the middle of a job.

Contents: :func:`describe_file`.
"""

from __future__ import annotations

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
from inference.media.decoding.orientation import orientation_of
from inference.media.decoding.packet_scan import PacketScan, StreamFacts, scan_packets
from inference.media.decoding.stamps import FrameStamps, JumpMender, packet_stamp
from inference.media.decoding.timecode import find_timecode
from inference.media.description import AudioStream, MediaInfo, SubtitleStream, VideoStream
from inference.media.frame_rates import exact_rate, varies

SEEKABLE = frozenset({"mov,mp4,m4a,3gp,3g2,mj2", "matroska,webm", "avi", "mpegts", "mxf", "asf", "wav", "w64", "aiff", "caf", "gxf", "nut"})
"""Containers whose stamps can be trusted after a seek. Others are read from the start."""

_TRIES = 400
"""Packets per track that are tried before a track counts as undecodable."""
_MAX_TRACKS_HEARD = 8
"""Mono tracks of one production that are mixed; recorders write four or eight."""


def describe_file(path: Path) -> MediaInfo:
    """Probe a file.

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
        picture, starts = _first_decoded(container, video, sounds, name)
        return _assemble(path, container, scan, video, picture, [s for s in sounds if s.index in starts], starts)


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
    """The default picture track, else the first one, of those that have packets and are not cover art."""
    tracks = [s for s in container.streams.video if not _is_cover(s) and s.index in scan.streams and scan.streams[s.index].num_packets > 0]
    return min(tracks, key=lambda s: (not s.disposition & Disposition.default, s.index), default=None)


def _first_decoded(
    container: InputContainer, video: AvVideoStream | None, sounds: list[AvAudioStream], name: str
) -> tuple[tuple[VideoFrame, int] | None, dict[int, float]]:
    """Decode until every track has shown something.

    Returns:
        The first displayed picture with its stamp, and the start of each sound track on the container's clock in seconds.
    """
    waiting = {s.index for s in sounds} | ({video.index} if video else set())
    tries = dict.fromkeys(waiting, 0)
    picture: tuple[VideoFrame, int] | None = None
    starts: dict[int, float] = {}
    mender = JumpMender(container.format.name)
    for stream in container.streams:
        if stream.index in waiting and stream.codec_context is not None:
            stream.codec_context.thread_count = 1  # one picture; threads would only take address space
    stamps = FrameStamps(container.format.name, Fraction(video.time_base), 1) if video and video.time_base else None
    reason = ""
    try:
        for packet in container.demux([s for s in container.streams if s.index in waiting]):
            index = packet.stream.index
            stamp = packet_stamp(packet)
            if stamp is not None:
                mender.offset_s(index, float(stamp * packet.time_base), float((packet.duration or 0) * packet.time_base))
            if index not in waiting:
                continue
            tries[index] += 1
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
    if video is None and not starts:
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
) -> MediaInfo:
    name = shown(path)
    stream = _describe_video(video, picture, scan, name) if video and picture else None
    heard = _pick_heard(sounds)
    zero_s = stream.start_s if stream else starts[sounds[heard[0]].index]
    ends = [scan.streams[s.index].end_s for s in sounds]
    if stream and video:
        ends.append(scan.streams[video.index].end_s)
    declared_s = _declared_end_s(container)
    end_s = max(ends)
    duration_s = max(end_s - zero_s, 1 / float(stream.frame_rate) if stream else 0.0)
    check_duration(duration_s, name)
    if duration_s <= 0:
        raise BrokenMediaError(f"{name} lasts no time at all.")
    notes = []
    if scan.failure:
        notes.append(f"Reading stopped before the end of the file ({scan.failure}).")
    if scan.is_complete and declared_s - end_s > max(1.0, 0.02 * duration_s):
        notes.append(f"The file declares {declared_s:.1f} s but holds only {duration_s:.1f} s; it may be cut off.")
    if scan.has_jumps:
        notes.append("The time stamps jump; the pieces are laid end to end.")
    timecode, drop_frame = find_timecode(container, video)
    clock_starts = [s.first_s for s in scan.streams.values() if s.first_s is not None]
    return MediaInfo(
        num_bytes=path.stat().st_size,
        container=container.format.name,
        duration_s=round(duration_s, 6),
        start_timecode=timecode,
        drop_frame=drop_frame,
        video=stream,
        audio=tuple(_describe_audio(s, scan.streams[s.index], starts[s.index] - zero_s) for s in sounds),
        subtitles=tuple(
            SubtitleStream(
                s.index, s.codec_context.name if s.codec_context else "", _language(s.metadata), bool(s.disposition & Disposition.forced)
            )
            for s in container.streams.subtitles
        ),
        heard=heard,
        zero_s=zero_s,
        clock_start_s=min(clock_starts, default=0.0),
        is_seekable=container.format.name in SEEKABLE and not scan.has_jumps,
        has_jumps=scan.has_jumps,
        has_attached_picture=any(_is_cover(s) for s in container.streams.video),
        notes=tuple(notes),
    )


def _declared_end_s(container: InputContainer) -> float:
    """Where the header says that the file ends, on the container's clock (some formats count from its start, some from
    zero: the earlier).
    """
    if not container.duration or container.duration < 0:
        return 0.0
    return (min(container.start_time or 0, 0) + container.duration) / av.time_base


def _describe_video(video: AvVideoStream, picture: tuple[VideoFrame, int], scan: PacketScan, name: str) -> VideoStream:
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
        is_interlaced=bool(frame.interlaced_frame),
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


def _describe_audio(stream: AvAudioStream, facts: StreamFacts, start_s: float) -> AudioStream:
    context = stream.codec_context
    return AudioStream(
        index=stream.index,
        codec=context.codec.canonical_name,
        sample_rate_hz=int(context.sample_rate or 0),
        num_channels=len(context.layout.channels),
        layout=context.layout.name,
        start_s=round(start_s, 6),
        language=_language(stream.metadata),
        duration_s=round(facts.end_s - (facts.first_s or 0.0), 6),
        has_gaps=facts.has_gaps,
    )


def _pick_heard(sounds: list[AvAudioStream]) -> tuple[int, ...]:
    """The default sound track, else the first. Where it is one of several mono tracks alike (MXF, camera files), all of them together."""
    if not sounds:
        return ()
    avoided = Disposition.comment | Disposition.visual_impaired | Disposition.hearing_impaired | Disposition.clean_effects
    best = min(
        range(len(sounds)), key=lambda n: (bool(sounds[n].disposition & avoided), not sounds[n].disposition & Disposition.default, n)
    )
    first = sounds[best]

    def is_alike(other: AvAudioStream) -> bool:
        return (
            len(other.codec_context.layout.channels) == 1
            and other.codec_context.name == first.codec_context.name
            and other.codec_context.sample_rate == first.codec_context.sample_rate
            and _language(other.metadata) == _language(first.metadata)
        )

    if first.codec_context.name.startswith("pcm_") and is_alike(first):
        return tuple(n for n, other in enumerate(sounds) if is_alike(other))[:_MAX_TRACKS_HEARD]
    return (best,)


def _language(metadata: dict[str, str]) -> str:
    language = metadata.get("language", "")
    return "" if language in {"und", "unk", "mis", "zxx"} or not language.replace("-", "").isalnum() else language[:16]
